// SPDX-License-Identifier: Apache-2.0

import Billing
import Digests
import HTTPTypes
import Hummingbird
import Quantities
import Storage

/// An operator who is signed in. The cookie names the key's row, ends by itself and is signed: the key itself never
/// rests in a browser, and a key that is revoked opens nothing any more.
struct ConsoleVisit: Sendable {
    let page: PageRequest
    let key: APIKeyRecord
    let organisation: OrganisationRecord
    /// Goes with every form, so that no other site can send one (CSRF).
    let formToken: String

    private static let cookie = "amptill_operator"
    /// How long a browser stays signed in, on clocks outside.
    private static let hours: Int64 = 12

    /// The operator whose cookie came with a request; nil if there is none that still counts.
    static func signedIn(_ page: PageRequest) async throws -> ConsoleVisit? {
        let desk = page.desk
        let parts = (page.cookie(cookie) ?? "").split(separator: ".").map(String.init)
        guard parts.count == 4, let id = APIKeyID(parts[0]), let ends = Int64(parts[1]) else { return nil }
        let signed = parts[0..<3].joined(separator: ".")
        let signature = try await signature(of: signed, desk)
        guard constantTimeEquals(Array(signature.utf8), Array(parts[3].utf8)) else { return nil }
        let now = desk.clock.now
        guard now < Instant(seconds: ends) else { return nil }
        let rows = try await desk.store.read { tx -> (APIKeyRecord, OrganisationRecord)? in
            guard let key = try tx.find(APIKeyRecord.self, id), key.opensConsole(at: now),
                let organisation = try tx.find(OrganisationRecord.self, key.organisation)
            else { return nil }
            return (key, organisation)
        }
        guard let (key, organisation) = rows else { return nil }
        return ConsoleVisit(
            page: page, key: key, organisation: organisation,
            formToken: try await self.signature(of: "form " + signed, desk))
    }

    /// The cookie of a key, if it opens the console.
    static func open(with secret: String, _ page: PageRequest) async throws -> String? {
        let desk = page.desk
        let now = desk.clock.now
        let row = try await desk.store.read { tx in try tx.apiKey(secretHash: APIKey.hash(secret)) }
        guard let row, row.opensConsole(at: now) else { return nil }
        let ends = now + Elapsed(nanoseconds: Elapsed.hours(hours).nanoseconds * desk.clock.rate)
        // The word makes two visits of one second different, and with them their forms' tokens.
        let signed = "\(row.id).\(ends.seconds).\(String(desk.ids.word(), radix: 36))"
        let value = "\(signed).\(try await signature(of: signed, desk))"
        return cookie(value, seconds: hours * 3600, desk)
    }

    /// The cookie that ends a visit.
    static func closed(_ desk: Desk) -> String { cookie("", seconds: 0, desk) }

    private static func cookie(_ value: String, seconds: Int64, _ desk: Desk) -> String {
        "\(cookie)=\(value); Path=/operator; HttpOnly; SameSite=Strict; Max-Age=\(seconds)"
            + (desk.settings.isEncrypted ? "; Secure" : "")
    }

    private static func signature(of text: String, _ desk: Desk) async throws -> String {
        let secret = try await Keys(desk: desk).consoleSecret()
        return HMACDigest.hex(of: Array(text.utf8), key: Array(secret.utf8))
    }

    /// Whether a form was made for this visit.
    func owns(_ form: Query) -> Bool {
        constantTimeEquals(Array((form["csrf"] ?? "").utf8), Array(formToken.utf8))
    }

    // MARK: what the pages need

    private var desk: Desk { page.desk }
    /// Who changes something here.
    var author: Author { Author(organisation: organisation.id, name: key.id.text) }
    /// How things look to the operator: in the organisation's zone.
    var shown: Shown { get throws { try page.shown(in: organisation.timeZone) } }

    /// What surrounds each page.
    func frame(in tx: Tx) throws -> ConsoleFrame {
        ConsoleFrame(
            organisation: organisation.name, isTest: organisation.kind == .test,
            openWork: Int(try tx.countOpenWorkItems(of: organisation.id)), formToken: formToken,
            now: desk.clock.now)
    }

    /// A row of this organisation by its id in the address; nil if it is not there, or somebody else's.
    func find<R: OwnedRecord>(_ type: R.Type, _ id: (some CustomStringConvertible)?, in tx: Tx) throws -> R? {
        guard let id, let row = try tx.find(type, id), row.organisation == organisation.id else { return nil }
        return row
    }
}

extension APIKeyRecord {
    fileprivate func opensConsole(at now: Instant) -> Bool {
        scope == .operator && revokedAt == nil && expiresAt.map { $0 > now } ?? true
    }
}
