// SPDX-License-Identifier: Apache-2.0

// What is sealed before it is written and opened after it was read, so that no verb ever sees the one or forgets the other.

extension Tx {
    /// The values of a row as the database gets them.
    func sealed<R: Record>(_ values: [SQLValue], of record: R, _ plan: RecordPlan) throws -> [SQLValue] {
        guard record.hasSecrets else { return values }
        guard let id = plan.id, case .text(let row) = values[id] else {
            preconditionFailure("\(R.self) has secrets and no id")
        }
        let keys = try keysNeeded()
        var sealed = values
        for column in R.secretColumns {
            guard let place = plan.columns.firstIndex(of: column) else {
                preconditionFailure("\(R.self) has no column \(column)")
            }
            guard case .text(let text) = values[place] else { continue }
            sealed[place] = .text(keys.sealed(text, for: .init(table: R.table, column: column, row: row)))
        }
        return sealed
    }

    /// A row as records see it.
    func opened<R: Record>(_ row: Row, as type: R.Type) throws -> Row {
        guard !type.secretColumns.isEmpty else { return row }
        var values = row.values
        for column in type.secretColumns {
            guard let place = row.columns.index(of: column), case .text(let text) = values[place],
                InstallationKeys.isSealed(text)
            else { continue }
            values[place] = .text(
                try keysNeeded().opened(
                    text, for: .init(table: R.table, column: column, row: row.text("id"))))
        }
        return Row(columns: row.columns, values: values)
    }

    /// A secret that lies there in clear was not written by us: it is not used.
    func refuseClear<R: Record>(_ record: R, in row: Row) throws {
        guard record.hasSecrets else { return }
        for column in R.secretColumns {
            if let text = try row.optionalText(column), !InstallationKeys.isSealed(text) {
                throw StoreError.damagedSecret(R.table, column, of: try row.text("id"))
            }
        }
    }

    /// A named secret of the installation: the one it has, or this one from now on.
    package func installationSecret(_ name: String, orSet value: String) throws -> String {
        let place = InstallationKeys.Place(table: "installation", column: "value", row: name)
        let kept = try installationValue(name, orSet: keysNeeded().sealed(value, for: place))
        return try keysNeeded().opened(kept, for: place)
    }

    private func keysNeeded() throws(StoreError) -> InstallationKeys {
        guard let keys else { throw .noKey }
        return keys
    }
}
