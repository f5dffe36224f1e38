"""The reference pump: a thin, durable shell around the kernel, which alone decides."""
