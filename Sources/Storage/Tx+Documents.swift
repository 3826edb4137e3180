// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Tx {
    /// The next number of a series of documents, with the hash of the one before; a rollback gives the number back.
    ///
    /// No sequence of the database: those leave gaps (receipts.md §3).
    package func nextDocument(
        of series: String, for organisation: OrganisationID
    ) throws -> (number: Int64, previousHash: String) {
        let row = try rows(
            """
            INSERT INTO number_series (organisation, series, last, hash) VALUES ($1, $2, 1, '')
            ON CONFLICT (organisation, series) DO UPDATE SET last = number_series.last + 1 RETURNING last, hash
            """,
            [.text(organisation.text), .text(series)])
        return (try row[0].int("last"), try row[0].text("hash"))
    }

    /// Stores a document and makes it the end of its series.
    package func file(_ document: DocumentRecord) throws {
        try insert(document)
        later(
            "UPDATE number_series SET hash = $3 WHERE organisation = $1 AND series = $2",
            [.text(document.organisation.text), .text(document.series), .text(document.hash)])
    }

    /// The documents of a bill, oldest first.
    package func documents(of bill: BillID) throws -> [DocumentRecord] {
        try all(DocumentRecord.self, where: "bill = $1", [.text(bill.text)], orderBy: "issued_at, id")
    }

    /// The documents of a session, oldest first.
    package func documents(of session: SessionID) throws -> [DocumentRecord] {
        try all(DocumentRecord.self, where: "session = $1", [.text(session.text)], orderBy: "issued_at, id")
    }

    /// A document's page or PDF as it was first made; nil if it never was.
    package func form(_ form: String, of document: String) throws -> [UInt8]? {
        try rows(
            "SELECT content FROM document_form WHERE document = $1 AND form = $2",
            [.text(document), .text(form)]
        ).first?.bytes("content")
    }

    /// Keeps a document's page or PDF; the first one stays.
    package func keep(_ content: [UInt8], as form: String, of document: String, at now: Instant) throws {
        _ = try run(
            """
            INSERT INTO document_form (document, form, content, made_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (document, form) DO NOTHING
            """,
            [.text(document), .text(form), .bytes(content), .int(now.nanoseconds)])
    }
}
