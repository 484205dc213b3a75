"""Videos: probing, frame-exact reading, proxies for the browser, stills and the choice of frames to label."""
