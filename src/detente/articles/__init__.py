"""Files → Article: reading pages, and taking the articles out of what a scraper saved."""

from detente.articles.cleaning import extract_articles
from detente.articles.readers import Page, read_page
from detente.articles.sources import read_pages
from detente.articles.splitting import split_article

__all__ = ["Page", "extract_articles", "read_page", "read_pages", "split_article"]
