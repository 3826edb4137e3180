// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

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
}
