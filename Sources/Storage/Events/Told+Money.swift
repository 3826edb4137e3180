// SPDX-License-Identifier: Apache-2.0

import Quantities

// What the rows of the money path have to tell (api.md §3.11).

extension CheckoutRecord: ToldRecord {
    package var subject: String { id.text }

    package var picture: Picture {
        [
            "id": .id(id), "evse": .id(evse), "bill": .id(bill), "session": .id(session),
            "failed_starts": .number(failedStarts), "start_failed_at": .time(startFailedAt),
            "created_at": .time(createdAt), "version": .number(version),
        ]
    }

    package func news(since before: CheckoutRecord?) -> [News] {
        guard let before else { return [News(.checkoutCreated)] }
        return before.startFailedAt == nil && startFailedAt != nil ? [News(.sessionStartFailed)] : []
    }
}

extension BillRecord: ToldRecord {
    package var subject: String { id.text }

    package var picture: Picture {
        [
            "id": .id(id), "status": .text(status), "session": .id(session), "checkout": .id(checkout),
            "account": .id(account), "total": .money(totalMinor, currency), "rated_at": .time(ratedAt),
            "settled_at": .time(settledAt), "created_at": .time(createdAt), "version": .number(version),
        ]
    }

    package func news(since before: BillRecord?) -> [News] {
        guard let before else { return [] }
        var news: [News] = []
        if before.status != status {
            news += checkoutNews(since: before)
            let types: [String: EventType] = [
                "rated": .billRated, "settled": .billSettled, "zero_rated": .billZeroRated,
                "in_debt": .billInDebt, "written_off": .billWrittenOff,
            ]
            if let type = types[status] { news.append(News(type)) }
        }
        if before.totalMinor != nil, totalMinor != before.totalMinor { news.append(News(.billAdjusted)) }
        return news
    }

    /// The state of a checkout is its bill's (decided.md), so the bill tells of it.
    private func checkoutNews(since before: BillRecord) -> [News] {
        guard let checkout else { return [] }
        func told(_ type: EventType) -> [News] {
            [
                News(
                    type, about: checkout.text,
                    picture: [
                        "id": .id(checkout), "status": .text(status), "bill": .id(id),
                        "session": .id(session),
                    ])
            ]
        }
        switch status {
        case "funded" where before.status != "starting": return told(.checkoutFunded)
        case "starting": return told(.sessionStarting)
        case "cancelled": return told(.checkoutCancelled)
        default: return []
        }
    }
}

extension PaymentRecord: ToldRecord {
    package var subject: String { id.text }

    /// What is in doubt shows as what was asked for (decided.md, Machines).
    private var shownStatus: String {
        switch status {
        case "auth_unknown": "authorizing"
        case "adjust_unknown": "adjusting"
        case "capture_unknown": "capturing"
        case "void_unknown": "voiding"
        default: status
        }
    }

    package var picture: Picture {
        [
            "id": .id(id), "status": .text(shownStatus), "in_doubt": .flag(status.hasSuffix("_unknown")),
            "purpose": .text(purpose.rawValue), "source": .text(source.rawValue),
            "amount": .money(amountMinor, currency), "captured": .money(capturedMinor, currency),
            "bill": .id(bill), "wallet": .id(wallet), "gateway_reference": .text(gatewayReference),
            "decline_code": .text(decline?.code), "authorized_at": .time(authorizedAt),
            "captured_at": .time(capturedAt), "released_at": .time(releasedAt),
            "created_at": .time(createdAt), "version": .number(version),
        ]
    }

    package func news(since before: PaymentRecord?) -> [News] {
        var news: [News] = []
        if before?.status != status, let type = statusNews(since: before) { news.append(News(type)) }
        if before?.capturedAt == nil, capturedAt != nil { news.append(News(.paymentCaptured)) }
        if before?.releasedAt == nil, releasedAt != nil { news.append(News(.holdReleased)) }
        if before?.status != status, status == "declined", isReload, let wallet {
            let picture: Picture = ["id": .id(wallet), "payment": .object(picture)]
            news.append(News(.walletReloadFailed, about: wallet.text, picture: picture))
        }
        return news
    }

    private func statusNews(since before: PaymentRecord?) -> EventType? {
        switch status {
        case "action_required": .paymentActionRequired
        case "authorized" where ["adjusting", "adjust_unknown"].contains(before?.status):
            before?.amountMinor == amountMinor ? nil : .paymentAdjusted
        case "authorized": .paymentAuthorized
        case "declined": .paymentDeclined
        case "capture_failed": .paymentCaptureFailed
        case "voided": .paymentVoided
        case "expired": .paymentExpired
        case "auth_unknown", "adjust_unknown", "capture_unknown", "void_unknown": .paymentInDoubt
        default: nil
        }
    }
}

extension RefundRecord: ToldRecord {
    package var subject: String { id.text }

    package var picture: Picture {
        [
            "id": .id(id), "status": .text(status), "payment": .id(payment), "bill": .id(bill),
            "session": .id(session), "credit_note": .text(creditNote),
            "amount": .money(amountMinor, currency), "created_at": .time(createdAt),
            "succeeded_at": .time(succeededAt), "version": .number(version),
        ]
    }

    package func news(since before: RefundRecord?) -> [News] {
        guard let before else { return [News(.refundPending)] }
        guard before.status != status else { return [] }
        let types: [String: EventType] = [
            "succeeded": .refundSucceeded, "failed": .refundFailed, "reversed": .refundReversed,
        ]
        return types[status].map { [News($0)] } ?? []
    }
}

extension WalletRecord: ToldRecord {
    package var subject: String { id.text }

    private var available: Int64 { posted - pending - floor }
    /// Where it reloads by itself, or where it would by default (payments.md §7).
    private var lowBelow: Int64 { (reload ?? WalletReload()).thresholdMinor }

    package var picture: Picture {
        [
            "id": .id(id), "account": .id(account), "posted": .money(posted, currency),
            "pending": .money(pending, currency), "available": .money(posted - pending - floor, currency),
            "version": .number(version),
        ]
    }

    package func news(since before: WalletRecord?) -> [News] {
        guard let before else { return [] }
        var news: [News] = []
        if posted > before.posted { news.append(News(.walletCredited)) }
        if pending > before.pending { news.append(News(.walletReserved)) }
        if available < lowBelow, before.available >= lowBelow { news.append(News(.walletLow)) }
        return news
    }
}

extension DocumentRecord: ToldRecord {
    package var subject: String { id }
    package var tellingVersion: Int64 { 1 }

    package var picture: Picture {
        [
            "id": .text(id), "kind": .text(kind), "number": .text(label), "session": .id(session),
            "bill": .id(bill), "account": .id(account), "gross": .money(grossMinor, currency),
            "hash": .text(hash), "issued_at": .time(issuedAt),
        ]
    }

    package func news(since before: DocumentRecord?) -> [News] {
        let types: [String: EventType] = [
            "receipt": .receiptIssued, "invoice": .invoiceIssued, "credit_note": .creditNoteIssued,
        ]
        return before == nil ? types[kind].map { [News($0)] } ?? [] : []
    }
}
