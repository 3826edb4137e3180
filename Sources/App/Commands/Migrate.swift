// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Logging
import Storage

/// `amptill migrate`: brings the schema up to date, as every start does, and says so.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Bring the database's schema up to date.")

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        try await Ending.explained {
            let store = try await database.open(StoreOptions(log: Logs.standard()))
            await store.close()
            Lines.output("The schema is up to date.")
        }
    }
}
