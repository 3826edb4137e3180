// SPDX-License-Identifier: Apache-2.0

import Receipts
package import Storage

/// Makes the page or the PDF of a receipt, credit note or invoice when it is first asked for, and hands out the same bytes ever after (receipts.md
/// §3): fonts and libraries may change, an issued document may not.
package struct RenderReceipt: Sendable {
    /// How a receipt can be had besides JSON.
    package enum Form: String, Hashable, Sendable, CaseIterable {
        case html, pdf

        /// As `Content-Type`.
        package var mediaType: String {
            switch self {
            case .html: "text/html; charset=utf-8"
            case .pdf: "application/pdf"
            }
        }
    }

    private let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// The bytes.
    package func callAsFunction(_ document: DocumentRecord, as form: Form) async throws -> [UInt8] {
        let kept = try await desk.store.read { tx in try tx.form(form.rawValue, of: document.id) }
        if let kept { return kept }
        let made = try render(try await self.document(document), as: form)
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            try tx.keep(made, as: form.rawValue, of: document.id, at: now)
            // Two may have made it at once: the first stays, and both hand out that one.
            return try tx.form(form.rawValue, of: document.id) ?? made
        }
    }

    /// What both forms show, for other forms of it.
    func document(_ row: DocumentRecord) async throws -> Document {
        if row.kind == "invoice" { return try await invoice(row) }
        let checkout = try await desk.store.read { tx in try row.checkout(in: tx) }
        return try document(row, for: checkout)
    }

    /// By the clock of the seller, in the language of the customer's country as it stands on the invoice.
    private func invoice(_ row: DocumentRecord) async throws -> Document {
        let organisation = try await desk.store.read { tx in
            try tx.find(OrganisationRecord.self, row.organisation)
        }
        guard let organisation else { throw PaymentTrouble.noOrganisation(row.organisation) }
        let invoice = try row.invoice
        let zone = try desk.zones.rules(
            of: organisation.timeZone, from: invoice.lines.map(\.startedAt).min() ?? invoice.issuedAt,
            to: invoice.dueAt)
        return Document(invoice, in: .spoken(at: invoice.customerAddress), zone: zone)
    }

    /// In the guest's language, by the clock of the site. A guest finds it again under the address of the session; who has
    /// an account finds it there.
    private func document(_ row: DocumentRecord, for checkout: CheckoutRecord?) throws -> Document {
        let words = Words.all.first { $0.language == checkout?.language } ?? .english
        let link = checkout.map { "\(desk.settings.publicURL)/s/\($0.secret)" }
        if row.kind == "credit_note" {
            let note = try row.creditNote
            let zone = try desk.zones.rules(
                of: note.place.timeZone, from: note.originalIssuedAt, to: note.issuedAt)
            return Document(note, in: words, zone: zone, link: link)
        }
        let receipt = try row.receipt
        let zone = try desk.zones.rules(
            of: receipt.place.timeZone, from: receipt.charge.startedAt, to: receipt.issuedAt)
        return Document(receipt, in: words, zone: zone, link: link)
    }

    private func render(_ document: Document, as form: Form) throws -> [UInt8] {
        switch form {
        case .html: Array(try HTML.page(of: document, template: 1).utf8)
        case .pdf: try PDF.bytes(of: document)
        }
    }
}

extension Words {
    /// What is written to somebody at an address, which ends with its country.
    fileprivate static func spoken(at address: String?) -> Words {
        let country = address?.split(separator: " ").last
        return ["DE", "AT", "CH", "LI"].contains(country) ? .german : .english
    }
}

extension DocumentRecord {
    /// The visit that it is about; nil where somebody with an account charged, or for an invoice.
    func checkout(in tx: Tx) throws -> CheckoutRecord? {
        let session = try session.flatMap { try tx.find(SessionRecord.self, $0) }
        return try session?.checkout.flatMap { try tx.find(CheckoutRecord.self, $0) }
    }
}
