// SPDX-License-Identifier: Apache-2.0
package import Quantities
package import Storage

/// Addresses that hear of events: made, changed, removed, tested and served again (api.md §3.11).
package struct Webhooks: Sendable {
    let desk: Desk
    /// How long a rolled secret still signs.
    private static let overlap = Elapsed.hours(24)
    /// How many events one wish may replay.
    package static let replayLimit = 10_000

    package init(desk: Desk) { self.desk = desk }

    /// What an endpoint is made of, or what is to be changed of it; nil leaves it as it is.
    package struct Wish: Sendable, Hashable {
        package var url: String?
        package var types: [String]?
        package var payload: WebhookEndpointRecord.Payload?
        /// Makes a failing endpoint active again.
        package var isActive: Bool?

        package init() {}
    }

    /// A new endpoint; its secret is in the row and is told once.
    package func create(_ wish: Wish, by author: Author) async throws -> WebhookEndpointRecord {
        let now = desk.clock.now
        let secret = newSecret()
        guard let url = wish.url, let types = wish.types else {
            throw AdministrationRefusal.invalid(field: "/url", "An endpoint has an address and types.")
        }
        try check(wish)
        return try await desk.store.transaction { tx in
            let endpoint = WebhookEndpointRecord(
                id: desk.ids.new(at: now), organisation: author.organisation, url: url, types: types,
                payload: wish.payload ?? .full, secret: secret, createdAt: now)
            try tx.insert(endpoint)
            try author.note("webhook_endpoint.created", endpoint.id, with: desk, in: tx, at: now)
            return endpoint
        }
    }

    /// Changes an endpoint, if it still has the version that was read.
    package func change(
        _ id: WebhookEndpointID, _ wish: Wish, version: Int64, by author: Author
    ) async throws -> WebhookEndpointRecord {
        let now = desk.clock.now
        try check(wish)
        return try await desk.store.transaction { tx in
            var endpoint = try find(id, by: author, in: tx)
            guard endpoint.version == version else {
                throw AdministrationRefusal.versionConflict(current: endpoint.version)
            }
            endpoint.url = wish.url ?? endpoint.url
            endpoint.types = wish.types ?? endpoint.types
            endpoint.payload = wish.payload ?? endpoint.payload
            if wish.isActive == true { (endpoint.status, endpoint.failingSince) = (.active, nil) }
            try tx.update(&endpoint)
            try author.note("webhook_endpoint.changed", id, with: desk, in: tx, at: now)
            return endpoint
        }
    }

    /// Nothing is sent there any more.
    package func remove(_ id: WebhookEndpointID, by author: Author) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            var endpoint = try find(id, by: author, in: tx)
            endpoint.status = .deleted
            try tx.update(&endpoint)
            try author.note("webhook_endpoint.removed", id, with: desk, in: tx, at: now)
        }
    }

    /// A new secret; the old one signs too for 24 hours.
    package func rollSecret(_ id: WebhookEndpointID, by author: Author) async throws -> WebhookEndpointRecord
    {
        let now = desk.clock.now
        let secret = newSecret()
        return try await desk.store.transaction { tx in
            var endpoint = try find(id, by: author, in: tx)
            (endpoint.oldSecret, endpoint.oldSecretUntil) = (endpoint.secret, now + Self.overlap)
            endpoint.secret = secret
            try tx.update(&endpoint)
            try author.note("webhook_endpoint.secret_rolled", id, with: desk, in: tx, at: now)
            return endpoint
        }
    }

    /// One event once more, to where it went before.
    package func replay(
        _ id: WebhookDeliveryID, of endpoint: WebhookEndpointID, by author: Author
    ) async throws -> WebhookDeliveryRecord {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let endpoint = try findActive(endpoint, by: author, in: tx)
            let delivery = try author.lock(WebhookDeliveryRecord.self, id, "delivery", in: tx)
            guard delivery.endpoint == endpoint.id, let event = try tx.find(EventRecord.self, delivery.event)
            else { throw AdministrationRefusal.notFound("delivery") }
            try author.note("webhook_endpoint.replayed", endpoint.id, with: desk, in: tx, at: now)
            return try replay(event, to: endpoint, in: tx) ?? delivery
        }
    }

    /// Everything of a span of time once more; says how many events that is.
    package func replay(
        from: Instant, to: Instant, to id: WebhookEndpointID, by author: Author
    ) async throws -> Int {
        let now = desk.clock.now
        var cursor: String?
        var count = 0
        while true {
            let last = cursor
            let (batch, sent) = try await desk.store.transaction { tx in
                let endpoint = try findActive(id, by: author, in: tx)
                let events = try tx.events(
                    of: author.organisation, from: from, to: to, after: last, limit: 200)
                if last == nil {
                    try author.note("webhook_endpoint.replayed", id, with: desk, in: tx, at: now)
                }
                let wanted = events.filter { endpoint.wants($0) }
                for event in wanted { _ = try replay(event, to: endpoint, in: tx) }
                return (events, wanted.count)
            }
            count += sent
            guard let end = batch.last, batch.count == 200, count < Self.replayLimit else { return count }
            cursor = end.id.text
        }
    }

    /// Sends `webhook.test` to this endpoint alone.
    package func test(_ id: WebhookEndpointID, by author: Author) async throws -> EventID {
        let now = desk.clock.now
        let event: EventID = desk.ids.new(at: now)
        return try await desk.store.transaction { tx in
            let endpoint = try findActive(id, by: author, in: tx)
            tx.tell(
                .webhookTest, as: event, of: id.text, for: author.organisation, picture: endpoint.picture,
                at: now)
            return event
        }
    }

    private func replay(
        _ event: EventRecord, to endpoint: WebhookEndpointRecord, in tx: Tx
    ) throws -> WebhookDeliveryRecord? {
        let number = try tx.lastReplay(of: event.id, to: endpoint.id) + 1
        return try DeliverEvent(desk: desk)(event, to: endpoint, replay: number, in: tx)
    }

    private func find(
        _ id: WebhookEndpointID, by author: Author, in tx: Tx
    ) throws -> WebhookEndpointRecord {
        let endpoint = try author.lock(WebhookEndpointRecord.self, id, "webhook endpoint", in: tx)
        guard endpoint.status != .deleted else { throw AdministrationRefusal.notFound("webhook endpoint") }
        return endpoint
    }

    private func findActive(
        _ id: WebhookEndpointID, by author: Author, in tx: Tx
    ) throws -> WebhookEndpointRecord {
        let endpoint = try find(id, by: author, in: tx)
        guard endpoint.status == .active else {
            throw AdministrationRefusal.invalidState(endpoint.status.rawValue, allowed: ["active"])
        }
        return endpoint
    }

    private func newSecret() -> String { "whsec_" + desk.ids.secret() + desk.ids.secret() }

    // MARK: what may be wished

    private func check(_ wish: Wish) throws {
        for (index, type) in (wish.types ?? []).enumerated() where !Self.isKnown(type) {
            throw AdministrationRefusal.invalid(
                field: "/types/\(index)", "\"\(type.prefix(40))\" is no type of event, nor a family of them.")
        }
        if let url = wish.url { try check(url: url) }
    }

    private static func isKnown(_ pattern: String) -> Bool {
        if pattern == "*" { return true }
        guard pattern.hasSuffix(".*") else { return EventType(rawValue: pattern) != nil }
        return EventType.allCases.contains { $0.rawValue.hasPrefix(pattern.dropLast(1)) }
    }

    /// What can be seen of an address before its name is looked up; the sender looks again at what it finds.
    private func check(url: String) throws {
        guard let host = WebhookURL(url)?.host else {
            throw AdministrationRefusal.invalid(field: "/url", "This is no address of a subscriber.")
        }
        guard !desk.settings.allowsPrivateWebhooks else { return }
        guard url.hasPrefix("https://") else {
            throw AdministrationRefusal.invalid(field: "/url", "Events travel by https only.")
        }
        if PrivateAddress.isPrivate(host) || host == "localhost" || host.hasSuffix(".localhost") {
            throw AdministrationRefusal.invalid(field: "/url", "Private addresses are not allowed here.")
        }
    }
}

/// The parts of a subscriber's address that matter.
package struct WebhookURL: Sendable, Hashable {
    /// In small letters, without brackets.
    package let host: String

    /// Nil for anything but http and https with a host and without a user.
    package init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }),
            text.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\\") })
        else { return nil }
        let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else { return nil }
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end].lowercased()
        } else {
            host = authority.prefix { $0 != ":" }.lowercased()
        }
        guard !host.isEmpty else { return nil }
    }
}
