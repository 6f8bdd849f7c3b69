"""str → str: Unicode, tone marks, sentence splitting, word segmentation, and the text path made of them."""
