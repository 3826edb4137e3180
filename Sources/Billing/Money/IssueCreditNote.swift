// SPDX-License-Identifier: Apache-2.0

import Accounting
import Digests
import Foundation
import Quantities
package import Receipts
package import Storage
import Tariffs

/// Numbers and stores a credit note in the caller's transaction (receipts.md §4).
struct IssueCreditNote {
    let desk: Desk

    func callAsFunction(
        of extent: CreditNote.Extent, for original: DocumentRecord, made shares: CreditNote.Shares,
        because reason: String, in tx: Tx, at now: Instant
    ) throws -> (row: DocumentRecord, content: CreditNote) {
        guard let organisation = try tx.find(OrganisationRecord.self, original.organisation) else {
            throw PaymentTrouble.noOrganisation(original.organisation)
        }
        let zone = try desk.zones.rules(of: organisation.timeZone, from: now, to: now)
        let series = Numbering.creditNoteSeries(year: zone.local(now).date.parts.year)
        // The number is taken first: its row is the lock that lets concurrent notes of a receipt see each other.
        let (number, previous) = try tx.nextDocument(of: series, for: organisation.id)
        let earlier = try tx.creditNotes(of: original).map { try $0.creditNote }
        let note = try CreditNote(
            of: extent, from: try original.receipt, made: shares, after: earlier,
            number: Numbering.label(series, number), because: reason, at: now)
        let content = try CanonicalJSON.bytes(of: note)
        let row = DocumentRecord(
            id: CreditNoteID(at: now, random: UInt128(desk.ids.word())).text,
            organisation: organisation.id, kind: "credit_note", series: series, number: number,
            label: note.number, session: original.session, account: original.account,
            currency: note.gross.currency,
            grossMinor: note.gross.minorUnits, content: content,
            hash: ChainLink.hash(previous: previous.isEmpty ? ChainLink.genesis : previous, record: content),
            previousHash: previous, issuedAt: now)
        try tx.file(row)
        tx.note(.document, note.number)
        return (row, note)
    }
}

extension Tx {
    /// The credit notes of a receipt, oldest first: a session has one receipt.
    fileprivate func creditNotes(of receipt: DocumentRecord) throws -> [DocumentRecord] {
        guard let session = receipt.session else { return [] }
        return try documents(of: session).filter { $0.kind == "credit_note" }
    }
}

extension DocumentRecord {
    /// The credit note that is stored here.
    package var creditNote: CreditNote {
        get throws { try JSONDecoder().decode(CreditNote.self, from: Data(content)) }
    }
}

/// Sorted keys, integers and texts only: the same document gives the same bytes.
enum CanonicalJSON {
    static func bytes(of value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}
