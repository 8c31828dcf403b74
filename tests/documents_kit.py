"""Documents as people bring them, and as the hostile do."""

from __future__ import annotations


def pdf_bytes(*pages: str) -> bytes:
    """Return a real PDF with a line of words on each page."""
    count = max(1, len(pages))
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /MediaBox [0 0 595 842] /Count {count} >>",
    ]
    font = "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    for n, words in enumerate(pages or ("",)):
        lines = "".join(f"({line}) Tj 0 -16 Td " for line in words.split("\n"))
        stream = f"BT /F1 12 Tf 40 700 Td {lines}ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /Resources {font} /Contents {4 + 2 * n} 0 R >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    return _written(objects)


def locked_pdf() -> bytes:
    """Return a PDF that opens with a password alone."""
    import io

    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_bytes("secret"))))
    writer.encrypt("open sesame", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def endless_pdf() -> bytes:
    """Return a PDF whose pages lead back to themselves."""
    return _written(
        ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9999999 >>"]
    )


def _written(objects: list[str]) -> bytes:
    data, places = b"%PDF-1.7\n", []
    for n, one in enumerate(objects, start=1):
        places.append(len(data))
        data += f"{n} 0 obj\n{one}\nendobj\n".encode()
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    table += "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
    return data + f"{table}{end}".encode()
