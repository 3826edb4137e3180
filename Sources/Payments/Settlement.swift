// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// One movement on a gateway's own account, as its report tells it (payments.md §7, Reconciliation).
///
/// (account, line) is unique; each line posts once.
package struct SettlementLine: Hashable, Sendable, Codable {
    /// The gateway's name of the line.
    package var line: String
    package var kind: Kind
    /// What moved, before the fee; negative for money that leaves.
    package var gross: Money
    /// What the gateway kept of it; never negative where it only takes.
    package var fee: Money
    /// gross − fee.
    package var net: Money
    /// Our reference, if the report has it.
    package var payment: PaymentID?
    /// The gateway's name of the payment, refund or dispute.
    package var reference: String?
    /// The payout it was paid out with, if it was.
    package var payout: String?
    package var occurredAt: Instant
    /// When the money can leave the gateway.
    package var availableOn: Instant?

    /// What a line can be.
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case capture, refund, fee, dispute
        case disputeReversal = "dispute_reversal"
        case payout
        case payoutReturn = "payout_return"
        case adjustment, reserve, exchange
    }

    package init(
        line: String, kind: Kind, gross: Money, fee: Money, net: Money, occurredAt: Instant
    ) {
        self.line = line
        self.kind = kind
        self.gross = gross
        self.fee = fee
        self.net = net
        self.occurredAt = occurredAt
    }
}

/// Some lines of a report.
package struct SettlementPage: Hashable, Sendable {
    package var lines: [SettlementLine]
    /// Where the next request goes on; nil at the end.
    package var next: String?

    package init(lines: [SettlementLine], next: String?) {
        self.lines = lines
        self.next = next
    }
}

/// What a gateway's list of payments tells.
package struct ListedPayments: Hashable, Sendable {
    package var facts: [GatewayFact]
    /// Where the next request goes on; nil at the end.
    package var next: String?

    package init(facts: [GatewayFact], next: String?) {
        self.facts = facts
        self.next = next
    }
}

/// Why a report cannot be read; nothing of it is booked.
package enum SettlementFinding: Error, Hashable, Sendable {
    /// The gateway did not give it.
    case refused(status: Int)
    /// Something in it is not understood; the text names the place, never a value.
    case unreadable(String)
    /// A line's amounts do not add up: gross − fee is not net.
    case doesNotAddUp(line: String)
}
