"""Working together: who has done what, how far two people differ, and labels that are probably mistakes."""
