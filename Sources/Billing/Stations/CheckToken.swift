// SPDX-License-Identifier: Apache-2.0

package import Charging
package import Quantities
package import Storage

/// Says whether a token may charge (charging.md §10). Asked at Authorize and again at the start: a yes at Authorize is
/// no promise (1.6 §4.8, C25).
package struct CheckToken: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// The token's row, if it is known, with what the station is told.
    package func callAsFunction(
        _ presented: PresentedToken, at station: StationRecord, in tx: Tx, now: Instant
    ) throws -> (token: TokenRecord?, answer: TokenAnswer) {
        guard let token = try tx.token(folded: presented.folded, of: station.organisation) else {
            return (nil, TokenAnswer(status: .invalid))
        }
        return (
            token,
            TokenAnswer(
                status: try status(of: token, at: station, in: tx, now: now), group: token.account?.text,
                expiresAt: expiry(of: token, now: now))
        )
    }

    private func status(
        of token: TokenRecord, at station: StationRecord, in tx: Tx, now: Instant
    ) throws -> TokenStatus {
        guard token.status == .active else { return .blocked }
        if let until = token.validUntil, until <= now { return .expired }
        if token.kind == .payment { return try paymentStatus(of: token, in: tx) }
        guard let id = token.account, let account = try tx.find(AccountRecord.self, id) else {
            return .invalid
        }
        guard account.status == .active, try !AccountStanding(of: id, in: tx, at: now).isBlocked else {
            return .blocked
        }
        return try fundingStatus(of: account, in: tx)
    }

    /// A guest's one-time token is good while its start is under way (C27).
    private func paymentStatus(of token: TokenRecord, in tx: Tx) throws -> TokenStatus {
        guard let id = token.checkout, let checkout = try tx.find(CheckoutRecord.self, id),
            let bill = try tx.find(BillRecord.self, checkout.bill)
        else { return .invalid }
        return ["starting", "running"].contains(bill.status) ? .accepted : .expired
    }

    /// A prepaid account needs something in its wallet (C28); what is enough is decided at the start.
    private func fundingStatus(of account: AccountRecord, in tx: Tx) throws -> TokenStatus {
        if account.funding == .invoice {
            let currency = try tx.find(OrganisationRecord.self, account.organisation)?.currency ?? .eur
            return try CreditLine(of: account, in: currency, tx: tx).left.map { $0.isPositive } ?? true
                ? .accepted : .noCredit
        }
        guard account.funding ?? .wallet == .wallet else { return .accepted }
        let wallets = try tx.wallets(of: account.id)
        return wallets.contains { $0.posted - $0.pending > $0.floor } ? .accepted : .noCredit
    }

    /// Payment tokens expire at once, so that no station remembers them (C27); cards are good for a day.
    private func expiry(of token: TokenRecord, now: Instant) -> Instant? {
        token.kind == .payment ? now : token.validUntil
    }
}
