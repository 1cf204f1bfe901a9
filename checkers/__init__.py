"""Who validates: one package per proof system, on shared process supervision."""
