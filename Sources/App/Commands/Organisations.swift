// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Billing
import Quantities
import Storage

/// `amptill organisations`: tenants beside the first one, test or live for good (api.md §2).
struct OrganisationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "organisations",
        abstract: "List and make organisations: for testing, or live with real money.",
        subcommands: [List.self, Create.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print id, kind, currency and name of each.")

        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            try await Ending.explained {
                let desk = try await Desk.reading(database)
                let all = try await desk.store.read { tx in try tx.organisations() }
                await desk.store.close()
                for row in all {
                    Lines.output("\(row.id)  \(row.kind.rawValue)  \(row.currency.code)  \(row.name)")
                }
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an organisation and print its first operator key once.",
            discussion: """
                A test organisation may use the Sandbox gateway and a clock that runs fast; a live one never may, and which \
                of the two it is never changes. With an embedded database the server must be stopped.
                """)

        @OptionGroup var database: DatabaseOptions

        @Flag(help: "For real money. Without this flag it is for testing.")
        var live = false

        @Option(help: "What it is called.")
        var name: String

        @Option(help: "ISO 4217 code of its currency.")
        var currency = "EUR"

        @Option(help: ArgumentHelp("Its time zone, e.g. Europe/Berlin.", valueName: "zone"))
        var timeZone = "Europe/Berlin"

        @Option(help: "ISO 3166-1 code of its country.")
        var country = "DE"

        func run() async throws {
            guard let money = Currency(code: currency) else {
                throw Ending.failure("--currency: \(currency) is no currency of ISO 4217")
            }
            let plan = Organisations.Plan(
                kind: live ? .live : .test, name: name, currency: money, timeZone: timeZone, country: country)
            try await Ending.explained {
                let desk = try await Desk.offline(database)
                do {
                    let (organisation, key) = try await Organisations(desk: desk).create(plan)
                    await desk.store.close()
                    Lines.output("\(organisation.id)")
                    Lines.output(key)
                } catch AdministrationRefusal.invalid(let field, let cause) {
                    await desk.store.close()
                    throw StartError.badSetting("--" + field.dropFirst().replacing("_", with: "-"), cause)
                }
            }
        }
    }
}

extension Desk {
    /// A desk without doors, for a command beside the server.
    static func offline(_ database: DatabaseOptions) async throws -> Desk {
        let log = Logs.standard()
        let store = try await database.open(StoreOptions(log: log))
        return Desk(
            store: store, clock: WallClock(), ids: IDSource(), zones: SystemZones(), gateways: [:],
            settings: Settings(publicURL: "", unknownStations: .pending), log: log)
    }
}
