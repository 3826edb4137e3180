// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import NIOCore

/// The till for EV charging: from the car to the bank.
@main
struct Amptill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "amptill",
        abstract: "The till for EV charging: chargers, drivers, money, receipts.",
        discussion: """
            Without any configuration `amptill serve` runs on an embedded database in one folder. `amptill demo` adds a \
            site with two simulated chargers and drivers. Every flag can also be set by an environment variable: \
            --public-url is AMPTILL_PUBLIC_URL.
            """,
        version: "0.1.0",
        subcommands: [
            Serve.self, Demo.self, Price.self, Lint.self, Audit.self, Export.self, Migrate.self,
            OrganisationsCommand.self, Keys.self, Simulate.self, Bench.self, Walk.self,
        ])

    static func main() async {
        leaveACoreToTheDatabase()
        await main(nil)
    }

    /// Sockets, and the tasks of stations with them, run on all cores but one: that one is the database's. A loop more
    /// would share the same messages with the others, and each would wake for less.
    private static func leaveACoreToTheDatabase() {
        guard ProcessInfo.processInfo.environment["NIO_SINGLETON_GROUP_LOOP_COUNT"] == nil else { return }
        NIOSingletons.groupLoopCountSuggestion = max(1, System.coreCount - 1)
    }
}
