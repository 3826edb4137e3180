// SPDX-License-Identifier: Apache-2.0
import CPostgreSQL
import Foundation

/// Where a PostgreSQL is, and how our connections to it are set up.
struct PostgresAddress: Sendable {
    /// `postgres://user@host:port/database?…`; what it says wins over our defaults.
    let url: String
    /// The schema of our tables; nil is the server's default.
    let schema: String?
    /// Whether a server that cannot write will do; of several hosts the first that fits is taken.
    let isReadOnly: Bool

    /// The channel of the doorbell. Channels belong to the whole database, so the schema is part of the name.
    var channel: String { "amptill" + (schema.map { "_" + $0 } ?? "") }

    /// The statements that prepare a session.
    var settings: String {
        let path = schema.map { "; SET search_path = \(quoted($0))" } ?? ""
        // An audit or an export may take its time.
        let limit = isReadOnly ? 0 : 30_000
        return """
            SET client_encoding = 'UTF8'; SET statement_timeout = \(limit); SET lock_timeout = 10000;
            SET idle_in_transaction_session_timeout = 60000\(path)
            """
    }

    /// How long the server may be silent. Longer than its own limit for a statement, so this only happens
    /// when it or the network hangs; then the connection is given up.
    var patience: Duration { isReadOnly ? .seconds(3600) : .seconds(40) }

    /// A connection that is not set up yet. Throws `unavailable` if there is none in time.
    func connect(until deadline: ContinuousClock.Instant) throws(StoreError) -> OpaquePointer {
        // An address names an empty database by itself; our words before it are defaults.
        let words = [
            ("application_name", "amptill"), ("connect_timeout", "5"), ("keepalives_idle", "30"),
            ("keepalives_interval", "10"), ("tcp_user_timeout", "30000"),
            ("target_session_attrs", isReadOnly ? "any" : "read-write"), ("dbname", url),
        ]
        var keys = words.map { UnsafePointer(strdup($0.0)) } + [nil]
        var values = words.map { UnsafePointer(strdup($0.1)) } + [nil]
        defer {
            for pointer in keys + values { free(UnsafeMutableRawPointer(mutating: pointer)) }
        }
        guard let handle = PQconnectStartParams(&keys, &values, 1) else {
            throw .unavailable("out of memory")
        }
        do throws(StoreError) {
            try establish(handle, until: deadline)
        } catch {
            PQfinish(handle)
            throw error
        }
        return handle
    }

    private func establish(_ handle: OpaquePointer, until deadline: ContinuousClock.Instant)
        throws(StoreError)
    {
        var step = PGRES_POLLING_WRITING
        while PQstatus(handle) != CONNECTION_BAD {
            switch step {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_FAILED: throw reason(handle)
            default: break
            }
            let events = Int16(step == PGRES_POLLING_READING ? POLLIN : POLLOUT)
            guard poll(PQsocket(handle), events, until: deadline) != nil else {
                throw .unavailable("no connection in time")
            }
            step = PQconnectPoll(handle)
        }
        throw reason(handle)
    }

    private func reason(_ handle: OpaquePointer) -> StoreError {
        .unavailable(String(cString: PQerrorMessage(handle)).trimmedReason)
    }
}
