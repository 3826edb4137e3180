// SPDX-License-Identifier: Apache-2.0
import Billing
import HTTPTypes
import Hummingbird
import JSONText
import NIOCore
import Quantities
import Storage

/// One request to the API that passed the door: known caller, allowed, of the right shape.
struct Call: Sendable {
    /// What every verb works with.
    let desk: Desk
    /// Live hints, for long polls and streams.
    let hub: LiveHub
    /// The counter itself, for limits of its own.
    let clerk: Clerk
    /// Who asks.
    let caller: Caller
    /// The request's own name; in logs, problems and the audit.
    let requestID: ID<Owners.Request>
    /// Where the caller is, as far as we see.
    let address: String
    /// Method, path and headers.
    let request: Request
    /// Values of `{…}` in the path.
    var parameters: [String: String]
    /// The query, checked.
    var query: Query
    /// The body, checked; empty if there was none.
    let body: Body
    /// The body's bytes as they came.
    let bytes: [UInt8]
    /// The scope of the idempotency key, hashed: a name for this request that a repeat has too; nil without a key.
    let onceName: String?

    /// The path as it was sent.
    var path: String { request.uri.path }

    /// A field of the head.
    func header(_ name: HTTPField.Name) -> String? { request.headers[name] }

    /// All fields of the head, names in small letters.
    var headers: [String: String] {
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName.lowercased()] = field.value }
        return headers
    }

    /// A value of the path.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// An identifier of the path. What is no id of this kind is not found, like everything that is not there.
    func id<Owner>(_ name: String = "id", of what: String) throws(Problem) -> ID<Owner> {
        guard let id = ID<Owner>(parameter(name)) else { throw .notFound(what) }
        return id
    }

    /// The caller's organisation; anonymous callers have none.
    var organisation: OrganisationID {
        get throws(Problem) {
            guard let id = caller.organisation else {
                throw Problem(.unauthenticated, "A key is needed for this.")
            }
            return id
        }
    }

    /// Who is written into the audit log.
    var author: Author {
        get throws(Problem) {
            Author(organisation: try organisation, name: caller.name, request: requestID.text)
        }
    }

    /// Reads on one snapshot.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Tx) throws -> Value) async throws -> Value {
        try await desk.store.read(body)
    }

    /// The row with this id if it belongs to the caller's organisation.
    func find<R: OwnedRecord>(
        _ type: R.Type, _ what: String, parameter: String = "id"
    ) async throws -> R {
        try await find(type, what, named: self.parameter(parameter))
    }

    /// The same for an identifier that stands elsewhere.
    func find<R: OwnedRecord>(_ type: R.Type, _ what: String, named id: String) async throws -> R {
        _ = try organisation
        let caller = caller
        let row = try await read { tx -> R? in
            guard let row = try tx.find(type, id), try caller.sees(row, in: tx) else { return nil }
            return row
        }
        guard let row else { throw Problem.notFound(what) }
        return row
    }

    /// The version that `If-Match` names: `"3"`, `3` and `W/"3"` are 3.
    var expectedVersion: Int64 {
        get throws(Problem) {
            guard let text = request.headers[.ifMatch] else {
                throw Problem(
                    .ifMatchRequired, "Send If-Match with the version you read, e.g. If-Match: \"3\".")
            }
            let digits = text.drop { $0 == "W" || $0 == "/" || $0 == "\"" || $0 == " " }.prefix {
                $0.isNumber
            }
            guard let version = Int64(digits) else {
                throw Problem(.versionConflict, "If-Match names no version: \(text.prefix(40)).")
            }
            return version
        }
    }
}

/// Who is calling.
enum Caller: Sendable {
    /// A program or person with a key.
    case key(APIKeyRecord, OrganisationRecord)
    /// A guest with the token of their checkout.
    case guest(CheckoutRecord)
    /// A driver with a token of their account.
    case driver(DriverTokenRecord, OrganisationRecord)
    /// Nobody we know.
    case anonymous

    /// The organisation whose objects may be seen.
    var organisation: OrganisationID? {
        switch self {
        case .key(let key, _): key.organisation
        case .guest(let checkout): checkout.organisation
        case .driver(let token, _): token.organisation
        case .anonymous: nil
        }
    }

    /// The version of the API that the caller's key was made for; nil for a caller without a key.
    var pinnedVersion: String? {
        if case .key(let key, _) = self { key.apiVersion } else { nil }
    }

    /// What the caller may do.
    var scope: Scope {
        switch self {
        case .key(let key, _): Scope(key.scope)
        case .guest: .guest
        case .driver: .driver
        case .anonymous: .anonymous
        }
    }

    /// How the caller is named in the audit log.
    var name: String {
        switch self {
        case .key(let key, _): key.id.text
        case .guest(let checkout): checkout.id.text
        case .driver(let token, _): "driver of \(token.account)"
        case .anonymous: "anonymous"
        }
    }
}

/// What a credential may do (api.md §2).
package enum Scope: String, Sendable, Hashable, CaseIterable {
    case `operator`, service
    case siteHost = "site_host"
    case readOnly = "read_only"
    case guest, driver, anonymous

    init(_ scope: KeyScope) {
        switch scope {
        case .operator: self = .operator
        case .service: self = .service
        case .siteHost: self = .siteHost
        case .readOnly: self = .readOnly
        }
    }
}
