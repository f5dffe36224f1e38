"""What must hold: the kernel language, limits, reasons and properties."""
