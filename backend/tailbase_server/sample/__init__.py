"""The sample project of `tailbase demo`: made, trained and judged over the REST API, as anybody could."""
