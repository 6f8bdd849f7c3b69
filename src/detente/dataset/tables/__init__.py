"""Tables of labelled sentences → what a dataset is made of: a row a sentence, or a row a reading of one."""
