"""Ensembles of networks and the Kalman smoothers that turn them into one track with its uncertainty."""
