-- The page and the PDF of a document, as they were first made: later requests get the same bytes, whatever fonts,
-- libraries or templates have come since (receipts.md section 3).
CREATE TABLE document_form (
    document TEXT NOT NULL REFERENCES document (id),
    form TEXT NOT NULL,
    content {{bytes}} NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (document, form)
);

{{insert only document_form}}
