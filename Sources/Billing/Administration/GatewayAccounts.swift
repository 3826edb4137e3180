// SPDX-License-Identifier: Apache-2.0

import Payments
package import Quantities
package import Storage

/// The accounts at payment gateways: made, changed and tried out by an operator (api.md §3.2). Their secrets go in and
/// never come out.
package struct GatewayAccounts: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// What an account is made of, or what of it changes; nil leaves it as it is.
    package struct Plan: Sendable, Hashable {
        package var kind: String?
        package var name: String?
        package var secret: String?
        package var webhookSecret: String?
        /// Empty: the gateway's usual address.
        package var baseURL: String?
        /// Empty: none.
        package var connectedAccount: String?
        /// New payments are made here.
        package var isPreferred: Bool?
        /// The former secret of webhooks is not believed any more.
        package var forgetsFormerSecret = false

        package init() {}
    }

    package func create(_ plan: Plan, by author: Author) async throws -> GatewayAccountRecord {
        let now = desk.clock.now
        guard let kind = plan.kind, let gateway = desk.gateways[kind] else {
            throw AdministrationRefusal.invalid(
                field: "/kind", "Known are \(desk.gateways.keys.sorted().joined(separator: ", ")).")
        }
        return try await desk.store.transaction { tx in
            var row = GatewayAccountRecord(
                id: desk.ids.new(at: now), organisation: author.organisation, kind: kind,
                name: plan.name ?? kind, secret: plan.secret ?? "", webhookSecret: plan.webhookSecret ?? "",
                baseUrl: plan.baseURL ?? "", createdAt: now)
            row.connectedAccount = plan.connectedAccount.flatMap { $0.isEmpty ? nil : $0 }
            if plan.isPreferred == true { row.preferredAt = now }
            try check(row, for: gateway, by: author, in: tx)
            try tx.insert(row)
            try author.note("gateway_account.created", row.id, with: desk, in: tx, at: now)
            return row
        }
    }

    /// A new webhook secret does not end the old one: both are believed until the former is forgotten (F27).
    package func change(_ id: GatewayAccountID, _ plan: Plan, version: Int64, by author: Author) async throws
        -> GatewayAccountRecord
    {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var row = try author.lock(
                GatewayAccountRecord.self, id, "gateway account", version: version, in: tx)
            if let secret = plan.webhookSecret, secret != row.webhookSecret {
                row.formerWebhookSecret = row.webhookSecret.isEmpty ? nil : row.webhookSecret
                row.webhookSecret = secret
            }
            if plan.forgetsFormerSecret { row.formerWebhookSecret = nil }
            row.secret = plan.secret ?? row.secret
            row.baseUrl = plan.baseURL ?? row.baseUrl
            if let connected = plan.connectedAccount.map({ $0.isEmpty ? nil : $0 }),
                connected != row.connectedAccount
            {
                // What was paid there is captured, voided and refunded there (I28, F20).
                guard try !tx.hasPayments(at: id) else {
                    throw AdministrationRefusal.invalid(
                        field: "/connected_account",
                        "Payments were made there. Add another gateway account for new ones.")
                }
                row.connectedAccount = connected
            }
            if let isPreferred = plan.isPreferred { row.preferredAt = isPreferred ? now : nil }
            guard let gateway = desk.gateways[row.kind] else {
                throw AdministrationRefusal.invalid(field: "/kind", "Nobody here speaks \(row.kind).")
            }
            try check(row, for: gateway, by: author, in: tx)
            try tx.update(&row)
            try author.note("gateway_account.changed", row.id, with: desk, in: tx, at: now)
            return row
        }
    }

    private func check(
        _ row: GatewayAccountRecord, for gateway: any Gateway, by author: Author, in tx: Tx
    ) throws {
        let isLive = try tx.find(OrganisationRecord.self, author.organisation)?.kind == .live
        let isAtHome =
            row.kind == SandboxGateway().kind || row.baseUrl.hasPrefix(desk.settings.publicURL + "/sandbox")
        if isLive, isAtHome { throw GatewayAccountRefusal.testOnly }
        // Stripe's keys say themselves whether they move real money: a test must not, and a business does.
        let words = row.kind == "stripe" ? row.secret.split(separator: "_") : []
        if words.count > 2, ["sk", "rk"].contains(words[0]) {
            if words[1] == "live", !isLive { throw GatewayAccountRefusal.liveOnly }
            if words[1] == "test", isLive { throw GatewayAccountRefusal.testOnly }
        }
        // The name is part of a ledger account's name, in three foreign programs too.
        guard row.name.utf8.allSatisfy(Self.mayStandInName), row.name.first?.isLetter == true,
            row.name.utf8.count <= 40
        else {
            throw AdministrationRefusal.invalid(
                field: "/name", "Letters, digits and hyphens, a letter first, at most 40.")
        }
        let others = try tx.gatewayAccounts(of: author.organisation).filter { $0.id != row.id }
        guard !others.contains(where: { $0.name == row.name }) else {
            throw AdministrationRefusal.invalid(field: "/name", "There is a gateway account of this name.")
        }
        guard !row.secret.isEmpty else {
            throw AdministrationRefusal.invalid(field: "/secret", "It is needed to speak to the gateway.")
        }
        guard
            row.baseUrl.isEmpty || row.baseUrl.hasPrefix("https://")
                || !isLive && row.baseUrl.hasPrefix("http://")
        else {
            throw AdministrationRefusal.invalid(field: "/api_base", "It begins with https://.")
        }
    }

    private static func mayStandInName(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
    }

    /// Asks the gateway for its balance: does it answer, and does it know us?
    package func check(_ id: GatewayAccountID, through sender: any GatewaySender, by author: Author)
        async throws
        -> GatewayAccountRecord
    {
        let account = try await desk.store.transaction { tx in
            try author.lock(GatewayAccountRecord.self, id, "gateway account", in: tx)
        }
        let result = await ask(account, through: sender)
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            var row = try author.lock(GatewayAccountRecord.self, id, "gateway account", in: tx)
            row.checkedAt = now
            row.checkResult = result
            try tx.update(&row)
            return row
        }
    }

    /// A word for what came of it: `ok`, `unreachable`, `no_answer`, `refused` or `nothing_to_ask`.
    private func ask(_ account: GatewayAccountRecord, through sender: any GatewaySender) async -> String {
        guard let gateway = desk.gateways[account.kind],
            let request = gateway.balanceRequest(
                in: account.context(for: gateway, ourselves: desk.settings.publicURL))
        else { return "nothing_to_ask" }
        let answer = await sender.send(request)
        desk.breakers.record(answer, of: account.id, at: desk.clock.now)
        switch answer {
        case .notSent: return "unreachable"
        case .lost: return "no_answer"
        case .answered(let answer):
            // Whatever is not a balance is a refusal.
            return (try? gateway.balance(in: answer)) == nil ? "refused" : "ok"
        }
    }
}

/// Why a gateway account cannot be.
package enum GatewayAccountRefusal: Error, Hashable {
    /// Real money never goes to a gateway that makes everything up.
    case testOnly
    /// A key that moves real money is not for trying things out.
    case liveOnly
}
