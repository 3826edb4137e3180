// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging

/// A connection that is made again when it is lost; confined to its thread.
final class PostgresSession {
    /// How long one job may wait for a connection before it fails with `unavailable`.
    private static let patience = Duration.seconds(5)

    private let address: PostgresAddress
    private let log: Logger
    private var connection: PostgresConnection?

    init(_ address: PostgresAddress, _ log: Logger) {
        self.address = address
        self.log = log
    }

    /// A connection that was good when last used. Tries again for a few seconds, waiting 50 ms and then
    /// longer.
    func connected() throws(StoreError) -> PostgresConnection {
        connection?.notice()
        if let connection, !connection.isBroken { return connection }
        connection = nil
        let deadline = ContinuousClock.now + Self.patience
        var pause: UInt32 = 50_000
        while true {
            do throws(StoreError) {
                let new = try PostgresConnection(address, until: deadline)
                connection = new
                return new
            } catch {
                guard ContinuousClock.now + .microseconds(pause) < deadline else {
                    log.error("PostgreSQL cannot be reached", metadata: ["error": "\(error)"])
                    throw error
                }
                usleep(pause)
                pause = min(pause * 2, 1_000_000)
            }
        }
    }
}
