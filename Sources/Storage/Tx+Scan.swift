// SPDX-License-Identifier: Apache-2.0

extension Tx {
    /// Looks at every text and byte string of every table, whatever it is: for searches that may overlook nothing.
    ///
    /// - Parameter look: is given the table, the column and the bytes.
    package func forEachText(_ look: (_ table: String, _ column: String, _ bytes: [UInt8]) throws -> Void)
        throws
    {
        for table in try rows("{{tables}}", []).map({ try $0.text("name") }) {
            var offset: Int64 = 0
            while true {
                let page = try rows(
                    SQL(raw: "SELECT * FROM \(table) ORDER BY 1 LIMIT 500 OFFSET \(offset)"), [])
                for row in page {
                    for (column, value) in zip(row.columns.names, row.values) {
                        switch value {
                        case .text(let text): try look(table, column, Array(text.utf8))
                        case .bytes(let bytes): try look(table, column, bytes)
                        case .null, .int, .bool: continue
                        }
                    }
                }
                if page.count < 500 { break }
                offset += 500
            }
        }
    }
}
