// SPDX-License-Identifier: Apache-2.0

import Charging
import Foundation
import Quantities
import Storage
import Testing

/// Secrets in the database (payments.md §11).
@Suite("Secrets at rest")
struct SecretsTests {
    private static let first = String(repeating: "1a", count: 32)
    private static let second = String(repeating: "2b", count: 32)

    @Test(
        "nothing secret lies in the database in clear, and everything is read back",
        arguments: TestBench.durable)
    func isSealed(bench: TestBench) async throws {
        try await bench.withPlace { place in
            let store = try await Office.open(place, Self.first)
            try await Office.fill(store)
            try await Office.expectAll(in: store)
            #expect(try await Office.clear(in: store) == [])
            await store.close()
            #expect(try Office.clear(inFilesOf: place) == [])

            let again = try await Office.open(place, Self.first)
            try await Office.expectAll(in: again)
            await again.close()
        }
    }

    @Test("what an older release kept in clear is sealed at the start", arguments: TestBench.durable)
    func isBroughtUp(bench: TestBench) async throws {
        try await bench.withPlace { place in
            let store = try await Office.open(place, Self.first)
            try await Office.fill(store)
            // As an older release wrote it.
            try await store.transaction { tx in try Office.unseal(tx) }
            #expect(try await Office.clear(in: store).count == Office.secrets.count)
            await store.close()

            let after = try await Office.open(place, Self.first)
            #expect(try await Office.clear(in: after) == [])
            try await Office.expectAll(in: after)
            await after.close()
            #expect(try Office.clear(inFilesOf: place) == [])
        }
    }

    @Test("a new key takes over, and afterwards the old one opens nothing", arguments: TestBench.durable)
    func rotates(bench: TestBench) async throws {
        try await bench.withPlace { place in
            let before = try await Office.open(place, Self.first)
            try await Office.fill(before)
            await before.close()

            let both = try await Office.open(place, "\(Self.second)\n\(Self.first)\n")
            try await Office.expectAll(in: both)
            await both.close()
            let after = try await Office.open(place, Self.second)
            try await Office.expectAll(in: after)
            await after.close()
            await #expect(throws: StoreError.self) { try await Office.open(place, Self.first) }
        }
    }

    @Test("a wrong key is named, and changes nothing", arguments: TestBench.durable)
    func isWrong(bench: TestBench) async throws {
        try await bench.withPlace { place in
            let store = try await Office.open(place, Self.first)
            try await Office.fill(store)
            await store.close()
            let names = try (
                #require(InstallationKeys(Self.first)).names, #require(InstallationKeys(Self.second)).names
            )
            await #expect(throws: StoreError.wrongKey(sealedWith: names.0[0], given: names.1)) {
                try await Office.open(place, Self.second)
            }
            #expect(!Self.first.contains(names.0[0]), "a name does not tell the key")
            let again = try await Office.open(place, Self.first)
            try await Office.expectAll(in: again)
            await again.close()
        }
    }

    @Test("a sealed value is good in its own row and column only", arguments: TestBench.engines)
    func isBound(bench: TestBench) async throws {
        try await bench.withPlace { place in
            let store = try await Office.open(place, Self.first)
            try await Office.fill(store)
            try await store.transaction { tx in try Office.moveSecret(tx) }
            await #expect(
                throws: StoreError.damagedSecret("webhook_endpoint", "secret", of: Office.endpoint.id.text)
            ) {
                try await store.read { tx in try tx.find(WebhookEndpointRecord.self, Office.endpoint.id) }
            }
            // Nor does one in clear pass, whoever wrote it there.
            try await store.transaction { tx in try Office.unseal(tx) }
            await #expect(
                throws: StoreError.damagedSecret("gateway_account", "secret", of: Office.gateway.id.text)
            ) {
                try await store.read { tx in try tx.find(GatewayAccountRecord.self, Office.gateway.id) }
            }
            await store.close()
        }
    }

    @Test("who only reads needs no key for what is not secret", arguments: TestBench.durable)
    func readsWithout(bench: TestBench) async throws {
        try await bench.withPlace { place in
            let store = try await Office.open(place, Self.first)
            try await Office.fill(store)
            await store.close()
            let reader = try await Store.open(place, options: StoreOptions(access: .readOnly, keys: nil))
            #expect(try await reader.count(OrganisationRecord.self) == 1)
            await #expect(throws: StoreError.noKey) { try await reader.all(GatewayAccountRecord.self) }
            await reader.close()
            await #expect(throws: StoreError.noKey) {
                try await Store.open(place, options: StoreOptions(keys: nil))
            }
        }
    }

    @Test(
        "keys are texts of 64 hexadecimal digits",
        arguments: [
            ("", 0), ("zz", 0), (first, 1), (first + ",", 1), ("\(first)\n\(second)\n", 2),
            ("\(first), \(second)", 2), (first + ",1a", 0), (String(repeating: "z", count: 64), 0),
        ])
    func texts(text: String, count: Int) {
        #expect((InstallationKeys(text)?.names.count ?? 0) == count)
    }
}

/// An organisation with a secret of each kind.
private enum Office {
    static let noon = Instant(seconds: 1_800_000_000)
    static let organisation = OrganisationRecord(
        id: OrganisationID(at: noon, random: 1), kind: .test, name: "Harbour", legalName: "Harbour Ltd",
        address: PostalAddress(street: "Quay 1", postalCode: "20457", city: "Hamburg", country: "DE"),
        currency: .eur, timeZone: "Europe/Berlin", country: "DE", policy: OrganisationPolicy(),
        createdAt: noon)
    static let gateway = {
        var row = GatewayAccountRecord(
            id: GatewayAccountID(at: noon, random: 2), organisation: organisation.id, kind: "stripe",
            name: "Stripe", secret: "sk_test_plainly_secret", webhookSecret: "whsec_plainly_secret",
            baseUrl: "", createdAt: noon)
        row.formerWebhookSecret = "whsec_formerly_secret"
        return row
    }()
    static let endpoint = {
        var row = WebhookEndpointRecord(
            id: WebhookEndpointID(at: noon, random: 3), organisation: organisation.id,
            url: "https://subscriber.example/hook", types: ["*"], payload: .full,
            secret: "whsec_of_a_subscriber", createdAt: noon)
        row.oldSecret = "whsec_old_of_a_subscriber"
        return row
    }()
    static let site = SiteID(at: noon, random: 4)
    static let station = StationID(at: noon, random: 5)
    static let cookie = "cookie_secret_of_the_console"
    static let password = "password_of_a_station"
    static let secrets = [
        gateway.secret, gateway.webhookSecret, "whsec_formerly_secret", endpoint.secret,
        "whsec_old_of_a_subscriber", cookie, password,
    ]

    static func open(_ place: DatabaseLocation, _ keys: String) async throws -> Store {
        try await Store.open(place, options: StoreOptions(keys: InstallationKeys(keys)))
    }

    static func fill(_ store: Store) async throws {
        try await store.transaction { tx in
            try tx.insert(organisation)
            try tx.insert(gateway)
            #expect(try tx.insertIfAbsent(endpoint))
            try tx.insert(
                SiteRecord(
                    id: site, organisation: organisation.id, name: "Quay", address: organisation.address,
                    timeZone: "Europe/Berlin", country: "DE",
                    taxProfile: .all(nil, included: true, country: "DE"), createdAt: noon))
            try tx.insert(
                StationRecord(
                    id: station, organisation: organisation.id, site: site, ocppIdentity: "CP-1",
                    securityProfile: 1, passwordHash: nil, meterIntervalSeconds: 60, createdAt: noon))
            try tx.insert(
                CommandRecord(
                    id: CommandID(at: noon, random: 6), organisation: organisation.id, station: station,
                    kind: "set_password", body: .setPassword(password), status: "queued",
                    machine: Command(deadline: noon), deadline: noon, createdAt: noon))
            #expect(try tx.installationSecret("operator_cookie_secret", orSet: cookie) == cookie)
        }
        // An update seals too, whether the row was locked before or not.
        try await store.transaction { tx in
            var row = try #require(try tx.lock(GatewayAccountRecord.self, id: gateway.id))
            row.secret = "sk_test_other"
            try tx.update(&row)
            row.secret = gateway.secret
            try tx.update(&row)
        }
    }

    /// Writes everything in clear, as releases did that knew no key.
    static func unseal(_ tx: Tx) throws {
        var account = try #require(try tx.find(ClearAccount.self, gateway.id))
        (account.secret, account.webhookSecret) = (gateway.secret, gateway.webhookSecret)
        account.formerWebhookSecret = gateway.formerWebhookSecret
        try tx.update(&account)
        var subscriber = try #require(try tx.find(ClearEndpoint.self, endpoint.id))
        (subscriber.secret, subscriber.oldSecret) = (endpoint.secret, endpoint.oldSecret)
        try tx.update(&subscriber)
        var order = ClearCommand(id: CommandID(at: noon, random: 6), body: .setPassword(password))
        try tx.update(&order)
        try tx.upsert(ClearValue(name: "operator_cookie_secret", value: cookie), on: ["name"])
    }

    /// Puts the sealed secret of the gateway in the place of the subscriber's.
    static func moveSecret(_ tx: Tx) throws {
        let account = try #require(try tx.find(ClearAccount.self, gateway.id))
        var subscriber = try #require(try tx.find(ClearEndpoint.self, endpoint.id))
        subscriber.secret = account.secret
        try tx.update(&subscriber)
    }

    static func expectAll(in store: Store) async throws {
        let found = try await store.find(GatewayAccountRecord.self, gateway.id.text)
        #expect(found?.secret == gateway.secret)
        #expect(found?.webhookSecret == gateway.webhookSecret)
        #expect(found?.formerWebhookSecret == gateway.formerWebhookSecret)
        let subscriber = try await store.find(WebhookEndpointRecord.self, endpoint.id.text)
        #expect(subscriber?.secret == endpoint.secret)
        #expect(subscriber?.oldSecret == endpoint.oldSecret)
        let commands = try await store.all(CommandRecord.self)
        #expect(commands.map(\.body) == [.setPassword(password)])
        let kept = try await store.transaction { tx in
            try tx.installationSecret("operator_cookie_secret", orSet: "another")
        }
        #expect(kept == cookie)
    }

    /// The secrets that anybody finds who reads every text of every table.
    static func clear(in store: Store) async throws -> Set<String> {
        try await store.read { tx in
            var found: Set<String> = []
            try tx.forEachText { _, _, bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                found.formUnion(secrets.filter { text.contains($0) })
            }
            return found
        }
    }

    /// The secrets that lie in the files of an embedded database.
    static func clear(inFilesOf place: DatabaseLocation) throws -> Set<String> {
        guard case .file(let path) = place else { return [] }
        let folder = URL(filePath: path).deletingLastPathComponent()
        var found: Set<String> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let bytes = try Data(contentsOf: folder.appending(path: name))
            found.formUnion(secrets.filter { bytes.firstRange(of: Data($0.utf8)) != nil })
        }
        return found
    }
}

/// Rows as somebody sees them who knows no key.
private struct ClearAccount: VersionedRecord {
    static let table = "gateway_account"
    var id: String
    var secret: String
    var webhookSecret: String
    var formerWebhookSecret: String?
    var version: Int64
}

private struct ClearEndpoint: VersionedRecord {
    static let table = "webhook_endpoint"
    var id: String
    var secret: String
    var oldSecret: String?
    var version: Int64
}

private struct ClearCommand: VersionedRecord {
    static let table = "command"
    var id: CommandID
    var body: StationCommand
    var version: Int64 = 1
}

private struct ClearValue: Record {
    static let table = "installation"
    var name: String
    var value: String
}
