// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities

// What debts, disputes, invoices and settlement reports have to tell (api.md §3.11).

extension DebtRecord: ToldRecord {
    package var subject: String { id.text }

    package var picture: Picture {
        [
            "id": .id(id), "status": .text(status), "bill": .id(bill), "account": .id(account),
            "amount": .money(amountMinor, currency), "opened_at": .time(openedAt),
            "closed_at": .time(closedAt), "version": .number(version),
        ]
    }

    /// An open debt is what blocks an account (payments.md §6.5); a guest's blocks an instrument, which nobody hears of.
    package func news(since before: DebtRecord?) -> [News] {
        guard let account, before?.status != status else { return [] }
        let picture: Picture = ["id": .id(account), "debt": .object(self.picture)]
        switch (before, status) {
        case (nil, "open"): return [News(.accountBlocked, about: account.text, picture: picture)]
        case (.some, _) where before?.status == "open":
            return [News(.accountUnblocked, about: account.text, picture: picture)]
        default: return []
        }
    }
}

extension DisputeRecord: ToldRecord {
    package var subject: String { id.text }

    package var picture: Picture {
        [
            "id": .id(id), "status": .text(status), "payment": .id(payment), "reason": .text(reason),
            "amount": .money(amountMinor, currency), "fee": .money(feeMinor, currency),
            "due_at": .time(dueAt), "submitted_at": .time(submittedAt), "opened_at": .time(openedAt),
            "closed_at": .time(closedAt), "version": .number(version),
        ]
    }

    package func news(since before: DisputeRecord?) -> [News] {
        guard let before else { return [News(.disputeOpened)] }
        guard before.status != status || before.amountMinor != amountMinor || before.dueAt != dueAt else {
            return []
        }
        switch machine.state {
        case .won where before.status != status: return [News(.disputeWon)]
        case .lost where before.status != status: return [News(.disputeLost)]
        default: return [News(.disputeUpdated)]
        }
    }
}

extension InvoiceRecord: ToldRecord {
    package var subject: String { id.text }

    package var picture: Picture {
        [
            "id": .id(id), "number": .text(label), "status": .text(status), "account": .id(account),
            "period": .text(period), "gross": .money(gross.minorUnits, currency),
            "paid": .money(paidMinor, currency), "due_at": .time(dueAt), "issued_at": .time(issuedAt),
            "paid_at": .time(paidAt), "version": .number(version),
        ]
    }

    /// That it was issued is told by its document.
    package func news(since before: InvoiceRecord?) -> [News] {
        before.map { $0.status != status } == true && status == "paid" ? [News(.invoicePaid)] : []
    }
}

extension SettlementImportRecord: ToldRecord {
    package var subject: String { id.text }
    package var tellingVersion: Int64 { 1 }

    package var picture: Picture {
        [
            "id": .id(id), "gateway_account": .id(gatewayAccount), "lines": .number(lines),
            "ours": .money(clearingMinor, currency), "theirs": .money(reportedMinor, currency),
            "difference": .money(unexplainedMinor, currency), "imported_at": .time(importedAt),
        ]
    }

    package func news(since before: SettlementImportRecord?) -> [News] {
        guard before == nil else { return [] }
        return [News(.settlementImported)] + (unexplainedMinor == 0 ? [] : [News(.settlementDifference)])
    }
}
