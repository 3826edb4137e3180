// SPDX-License-Identifier: Apache-2.0

import Logging
import Payments
import Quantities
import Storage

/// Reads what the gateways list, hourly: the payments that changed (lost webhooks, F28) and the settlement lines.
///
/// Only questions leave here; nothing at a gateway changes because of them.
package struct ReadGateways: Sendable {
    let desk: Desk
    let sender: any GatewaySender

    package init(desk: Desk, sender: any GatewaySender) {
        self.desk = desk
        self.sender = sender
    }

    /// Every account that was not read within the hour; returns how many facts and lines were read.
    package func whatIsDue() async throws -> Int {
        let accounts = try await desk.store.read { tx in try tx.gatewayAccountsToRead() }
        var read = 0
        for account in accounts {
            guard let gateway = desk.gateways[account.kind] else { continue }
            do {
                read += try await changes(of: account, by: gateway)
                read += try await settlement(of: account, by: gateway)
            } catch {
                desk.log.warning(
                    "gateway not read", metadata: ["account": "\(account.id)", "error": "\(error)"])
            }
        }
        return read
    }

    /// The payments of the last three days that changed since the last look.
    private func changes(of account: GatewayAccountRecord, by gateway: any Gateway) async throws -> Int {
        guard let cursor = try await due("changes", of: account) else { return 0 }
        let context = account.context(for: gateway, ourselves: desk.settings.publicURL)
        let since = cursor.place == nil ? desk.clock.now - .hours(72) : cursor.readAt - .hours(72)
        var place: String?
        var count = 0
        for _ in 0..<100 {
            guard let request = gateway.listing(since: since, after: place, in: context),
                let answer = try await ask(request)
            else { break }
            let page = try gateway.listed(in: answer)
            let now = desk.clock.now
            for fact in page.facts {
                let isOurs = try await desk.store.transaction { tx -> Bool in
                    guard try tx.find(PaymentRecord.self, fact.payment)?.gatewayAccount == account.id else {
                        return false
                    }
                    try RecordGatewayFact(desk: desk)(fact, of: fact.payment, in: tx, at: now)
                    return true
                }
                if isOurs { count += 1 }
            }
            place = page.next
            if place == nil { break }
        }
        try await close("changes", of: account, at: "read")
        return count
    }

    private func settlement(of account: GatewayAccountRecord, by gateway: any Gateway) async throws -> Int {
        guard let cursor = try await due("settlement", of: account) else { return 0 }
        let context = account.context(for: gateway, ourselves: desk.settings.publicURL)
        // Lines are known by their names, so that a span may be read again.
        let since = cursor.place == nil ? .epoch : cursor.readAt - .hours(72)
        var lines: [SettlementLine] = []
        var balances: [Money] = []
        // A line that comes between the two answers would look like a difference: then both are asked again.
        for _ in 0..<3 {
            let before = Set(lines)
            guard let news = try await newLines(since: since, by: gateway, in: context) else { return 0 }
            lines = news
            if !balances.isEmpty, before == Set(news) { break }
            guard let request = gateway.balanceRequest(in: context) else { break }
            guard let answer = try await ask(request) else { return 0 }
            balances = try gateway.balance(in: answer)
        }
        let importer = ImportSettlement(desk: desk)
        _ = try await importer(lines, reported: balances.first, of: account.id)
        for balance in balances.dropFirst() { _ = try await importer([], reported: balance, of: account.id) }
        try await close("settlement", of: account, at: "read")
        return lines.count
    }

    /// Nil if the gateway does not answer.
    private func newLines(
        since: Instant, by gateway: any Gateway, in context: AccountContext
    ) async throws -> [SettlementLine]? {
        var lines: [SettlementLine] = []
        var place: String?
        for _ in 0..<1000 {
            guard let request = gateway.settlementRequest(since: since, after: place, in: context) else {
                return []
            }
            guard let answer = try await ask(request) else { return nil }
            let page = try gateway.settlementLines(in: answer)
            lines += page.lines
            place = page.next
            if place == nil { break }
        }
        return lines
    }

    private func ask(_ request: GatewayRequest) async throws -> GatewayAnswer? {
        guard case .answered(let answer) = await sender.send(request) else { return nil }
        return answer
    }

    /// The cursor, if an hour has passed since it was read.
    private func due(_ list: String, of account: GatewayAccountRecord) async throws -> GatewayCursorRecord? {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            guard let cursor = try tx.lockCursor(list, of: account.id) else {
                let cursor = GatewayCursorRecord(account.id, list: list, readAt: now)
                try tx.insert(cursor)
                return cursor
            }
            return now - cursor.readAt >= .hours(1) ? cursor : nil
        }
    }

    private func close(_ list: String, of account: GatewayAccountRecord, at place: String?) async throws {
        let now = desk.clock.now
        try await desk.store.transaction { tx in
            guard var cursor = try tx.lockCursor(list, of: account.id) else { return }
            cursor.place = place
            cursor.readAt = now
            try tx.update(&cursor)
        }
    }
}
