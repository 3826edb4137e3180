// SPDX-License-Identifier: Apache-2.0

import Accounting
import ArgumentParser
import Billing
import Quantities
import Storage

/// `amptill export`: the journal in the words of other bookkeeping programs.
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Export the journal for hledger, Beancount or a spreadsheet.",
        discussion: "Reads only, and works beside a running server: amptill export | hledger -f - check")

    @OptionGroup var database: DatabaseOptions

    @Option(help: "hledger, beancount or csv.")
    var format: JournalExport = .hledger

    func run() async throws {
        try await Ending.explained {
            let desk = try await Desk.reading(database)
            let organisations = try await desk.store.read { tx in try tx.organisations() }
            for organisation in organisations {
                let text = try await ExportJournal(desk: desk)(organisation.id, as: format)
                Lines.output(text)
            }
            await desk.store.close()
        }
    }
}

extension JournalExport: ExpressibleByArgument {}
