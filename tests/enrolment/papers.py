"""What is printed on a document, for tests."""

import io

from pypdf import PdfReader

from enrolment import printing
from enrolment.models import Document


def text_of(document: Document) -> str:
    """The words of its PDF, page after page."""
    pages = PdfReader(io.BytesIO(printing.pdf(document))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())
