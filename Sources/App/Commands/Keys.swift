// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Billing
import Logging
import Quantities
import Storage

/// `amptill keys`: makes API keys without the server, e.g. when the first one was lost.
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make API keys.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it once. With an embedded database the server must be stopped.")

        @OptionGroup var database: DatabaseOptions

        @Option(help: "operator, service or read_only.")
        var scope: KeyScope = .operator

        @Option(help: "What the key is for.")
        var name = "Made on the command line"

        func run() async throws {
            try await Ending.explained {
                let store = try await database.open(StoreOptions(log: Logs.standard()))
                let now = WallClock().now
                let ids = IDSource()
                let (scope, name) = (scope, name)
                let key = try await store.transaction { tx -> String? in
                    guard let organisation = try tx.organisations().first else { return nil }
                    let key = APIKey.make(live: organisation.kind == .live, from: ids.secret())
                    try tx.insert(
                        APIKeyRecord(
                            id: ids.new(at: now), organisation: organisation.id, scope: scope, name: name,
                            secretHash: APIKey.hash(key), hint: APIKey.hint(key), createdAt: now))
                    return key
                }
                await store.close()
                guard let key else {
                    throw Ending.failure("there is no organisation yet; start the server once")
                }
                Lines.output(key)
            }
        }
    }
}

extension KeyScope: ExpressibleByArgument {}
