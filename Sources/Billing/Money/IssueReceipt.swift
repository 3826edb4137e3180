// SPDX-License-Identifier: Apache-2.0

import Accounting
import Charging
import Digests
import Foundation
import Payments
import Quantities
package import Receipts
package import Storage
import Tariffs

/// Numbers and stores the receipt of a bill that was paid, inside the transaction that paid it (receipts.md §3).
struct IssueReceipt {
    let desk: Desk

    /// One final receipt per paid bill; a bill that is paid again after its money was taken back keeps its number (I31).
    func callAsFunction(for bill: BillRecord, paidBy payments: [PaymentRecord], in tx: Tx, at now: Instant)
        throws
    {
        guard try !tx.documents(of: bill.id).contains(where: { $0.kind == "receipt" }) else { return }
        guard let rated = try bill.ratedBill, let quote = try tx.find(QuoteRecord.self, bill.quote),
            let session = try bill.session.flatMap({ try tx.find(SessionRecord.self, $0) }),
            let evse = try tx.find(EVSERecord.self, quote.evse)
        else { throw ReceiptTrouble.incomplete(bill.id) }
        let place = try Place(of: evse, in: tx)
        let zone = try desk.zones.rules(of: place.organisation.timeZone, from: now, to: now)
        let series = Numbering.receiptSeries(year: zone.local(now).date.parts.year)
        let (number, previous) = try tx.nextDocument(of: series, for: bill.organisation)
        let parts = Receipt.Parts(
            number: Numbering.label(series, number), issuedAt: now, seller: place.organisation.seller,
            place: place.printed, charge: session.printed, paid: payments.printed(for: bill, at: now),
            proof: Receipt.PriceProof(
                tariff: quote.tariffName, version: quote.tariffVersion, hash: quote.tariffHash))
        let content = try CanonicalJSON.bytes(of: try Receipt(rated, parts))
        let hash = ChainLink.hash(previous: previous.isEmpty ? ChainLink.genesis : previous, record: content)
        let document = DocumentRecord(
            id: ReceiptID(at: now, random: UInt128(desk.ids.word())).text,
            organisation: bill.organisation,
            kind: "receipt", series: series, number: number, label: parts.number, session: session.id,
            bill: bill.id, account: bill.account, currency: bill.currency,
            grossMinor: rated.gross.minorUnits,
            content: content, hash: hash, previousHash: previous, issuedAt: now)
        try tx.file(document)
        tx.note(.document, parts.number)
        try SendMail(desk: desk).receipt(document, in: tx, at: now)
    }
}

/// Why no receipt could be made.
enum ReceiptTrouble: Error, Hashable {
    /// The bill has no price, quote or session.
    case incomplete(BillID)
}

extension DocumentRecord {
    /// The receipt that is stored here.
    package var receipt: Receipt {
        get throws { try JSONDecoder().decode(Receipt.self, from: Data(content)) }
    }
}

extension OrganisationRecord {
    /// As it is printed on documents.
    var seller: Receipt.Seller {
        Receipt.Seller(
            legalName: legalName, address: address.oneLine, vatID: vatId, supportPhone: supportPhone,
            email: email)
    }
}

extension PostalAddress {
    /// Street, postal code and city in one line; empty parts are left out.
    package var oneLine: String {
        [street, [postalCode, city].filter { !$0.isEmpty }.joined(separator: " "), country]
            .filter { !$0.isEmpty }.joined(separator: ", ")
    }
}

extension Place {
    fileprivate var printed: Receipt.Place {
        Receipt.Place(
            site: site.name, address: site.address.oneLine, evseID: evse.evseId, evseCode: evse.evseCode,
            currentType: evse.currentType.rawValue.uppercased(), powerMax: evse.powerMax,
            timeZone: site.timeZone)
    }
}

extension SessionRecord {
    fileprivate var printed: Receipt.Charge {
        Receipt.Charge(
            session: id, startedAt: startedAt, endedAt: endedAt ?? lastFactAt, energy: energy,
            startRegister: folded.startRegister, endRegister: folded.endRegister,
            stopReason: folded.stopReason,
            token: checkout == nil ? tokenMasked : nil)
    }
}

extension [PaymentRecord] {
    /// All that was taken for a bill, together; a bill without a payment was given away whole.
    fileprivate func printed(for bill: BillRecord, at now: Instant) -> Receipt.Paid {
        let reserved = map { Swift.max($0.hold, $0.captured) }.sum(in: bill.currency)
        let captured = map(\.captured).sum(in: bill.currency)
        var methods: [String] = []
        for payment in self where !methods.contains(payment.methodText) { methods.append(payment.methodText) }
        return Receipt.Paid(
            method: methods.isEmpty ? "Not charged" : methods.joined(separator: " + "), reserved: reserved,
            captured: captured, released: reserved - captured,
            reservedAt: compactMap(\.authorizedAt).min(), capturedAt: compactMap(\.capturedAt).max() ?? now)
    }
}

extension PaymentRecord {
    /// The way it was paid, as people may see it.
    package var methodText: String {
        guard source == .card else { return source == .wallet ? "Prepaid balance" : "Payment terminal" }
        let card = [instrument?.brand ?? "Card", instrument?.last4.map { "•••• \($0)" }].compactMap { $0 }
            .joined(separator: " ")
        switch instrument?.wallet {
        case "apple_pay": return "Apple Pay, \(card)"
        case "google_pay": return "Google Pay, \(card)"
        default: return card
        }
    }
}
