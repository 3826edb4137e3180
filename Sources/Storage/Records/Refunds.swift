// SPDX-License-Identifier: Apache-2.0

package import Payments
package import Quantities

/// Money given back for a payment.
package struct RefundRecord: VersionedRecord, OwnedRecord, Hashable {
    package static let table = "refund"

    package let id: RefundID
    package let organisation: OrganisationID
    package let payment: PaymentID
    package let bill: BillID?
    package let session: SessionID?
    /// Why money goes back.
    package let kind: RefundKind
    /// The prepaid balance that is paid out.
    package let wallet: WalletID?
    /// The document that says what is taken back; only a refund of a session has one.
    package let creditNote: String?
    package var status: String
    package var machine: Refund
    package let currency: Currency
    package let amountMinor: Int64
    package let reason: String
    /// The key's id, or `server`.
    package let askedBy: String
    package let createdAt: Instant
    package var succeededAt: Instant?
    /// Words of the client's own.
    package var metadata: [String: String]?
    package var version: Int64

    package init(
        id: RefundID, of payment: PaymentRecord, session: SessionID?, kind: RefundKind = .creditNote,
        creditNote: String?, machine: Refund, reason: String, askedBy: String, at now: Instant
    ) {
        self.id = id
        organisation = payment.organisation
        self.payment = payment.id
        bill = payment.bill
        self.session = session
        self.kind = kind
        wallet = kind == .payout ? payment.wallet : nil
        self.creditNote = creditNote
        status = machine.state.rawValue
        self.machine = machine
        currency = payment.currency
        amountMinor = machine.amount.minorUnits
        self.reason = reason
        self.askedBy = askedBy
        createdAt = now
        version = 1
    }

    /// How much.
    package var amount: Money { Money(minorUnits: amountMinor, currency: currency) }
}
