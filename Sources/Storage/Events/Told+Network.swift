// SPDX-License-Identifier: Apache-2.0

import Quantities

// What sessions, stations, accounts and the office have to tell (api.md §3.11).

extension SessionRecord: ToldRecord {
    package var subject: String { id.text }

    package var picture: Picture {
        [
            "id": .id(id), "status": .text(status.rawValue), "site": .id(site), "station": .id(station),
            "evse": .id(evse), "account": .id(account), "token": .id(token), "checkout": .id(checkout),
            "bill": .id(bill), "energy_wh": .number(energy.wattHours),
            "cost": .money(live?.cost.minorUnits, live?.cost.currency), "started_at": .time(startedAt),
            "ended_at": .time(endedAt), "stop_cause": .text(stopCause?.rawValue), "version": .number(version),
        ]
    }

    package func news(since before: SessionRecord?) -> [News] {
        guard before?.status != status else {
            let isNews = status == .running && before.map { hasMoved(since: $0) } == true
            return isNews ? [News(.sessionUpdated, isRepeating: true)] : []
        }
        switch status {
        case .starting: return [News(.sessionStarting)]
        case .startFailed: return [News(.sessionStartFailed)]
        case .running: return [News(.sessionStarted)]
        case .ended: return [News(.sessionEnded)]
        case .inReview: return [News(.sessionInReview)]
        case .final: return []
        }
    }

    /// Energy or cost changed, in another quarter of a minute than before: whether a minute has passed since the last
    /// event is then asked of the database, and not at each reading.
    private func hasMoved(since before: SessionRecord) -> Bool {
        guard energy != before.energy || live?.cost != before.live?.cost else { return false }
        func quarter(_ row: SessionRecord) -> Int64 {
            max(row.lastFactAt, row.ratedAt ?? row.lastFactAt).seconds / 15
        }
        return quarter(self) != quarter(before)
    }
}

extension StationRecord: ToldRecord {
    package var subject: String { id.text }

    package var picture: Picture {
        [
            "id": .id(id), "site": .id(site), "ocpp_identity": .text(ocppIdentity),
            "online": .flag(connectedAt != nil), "last_seen_at": .time(lastSeenAt),
            "version": .number(version),
        ]
    }

    package func news(since before: StationRecord?) -> [News] {
        guard let before, (before.connectedAt == nil) != (connectedAt == nil) else { return [] }
        return [News(connectedAt == nil ? .stationOffline : .stationOnline)]
    }
}

extension AccountRecord: ToldRecord {
    package var subject: String { id.text }

    package var picture: Picture {
        [
            "id": .id(id), "kind": .text(kind.rawValue), "status": .text(status.rawValue),
            "funding": .text(funding?.rawValue), "version": .number(version),
        ]
    }

    package func news(since before: AccountRecord?) -> [News] {
        guard let before, before.status != status else { return [] }
        return [News(status == .blocked ? .accountBlocked : .accountUnblocked)]
    }
}

extension TariffVersionRecord: ToldRecord {
    package var subject: String { id.text }

    package var picture: Picture {
        [
            "id": .id(id), "tariff": .id(tariff), "number": .number(number), "hash": .text(hash),
            "starts_at": .time(startsAt), "published_at": .time(publishedAt), "version": .number(version),
        ]
    }

    package func news(since before: TariffVersionRecord?) -> [News] {
        before?.publishedAt == nil && publishedAt != nil ? [News(.tariffPublished)] : []
    }
}

extension WorkItemRecord: ToldRecord {
    package var subject: String { id.text }

    package var picture: Picture {
        [
            "id": .id(id), "reason": .text(reason), "object": .text(object), "detail": .text(detail),
            "amount": .money(amountMinor, currency), "status": .text(state), "decision": .text(decision),
            "decided_by": .text(decidedBy), "opened_at": .time(openedAt), "closed_at": .time(closedAt),
            "version": .number(version),
        ]
    }

    package func news(since before: WorkItemRecord?) -> [News] {
        guard before?.state != state else { return [] }
        return [News(state == "open" ? .workItemOpened : .workItemClosed)]
    }
}

extension WebhookEndpointRecord: ToldRecord {
    package var subject: String { id.text }

    package var picture: Picture {
        [
            "id": .id(id), "url": .text(url), "status": .text(status.rawValue),
            "failing_since": .time(failingSince), "version": .number(version),
        ]
    }

    package func news(since before: WebhookEndpointRecord?) -> [News] {
        before != nil && before?.status != status && status == .failing ? [News(.webhookFailing)] : []
    }
}
