"""Verification conditions as theorems of a proof assistant, so that another kernel can prove them again."""
