"""Points a network proposes while people label: when it learns, what it costs and what it brings."""
