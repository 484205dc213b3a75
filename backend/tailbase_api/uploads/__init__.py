"""Part-wise uploads that go on where they stopped."""
