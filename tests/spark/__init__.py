"""The models on a second engine, Apache Spark: beside `make test`, for it needs Java and an environment of its own."""
