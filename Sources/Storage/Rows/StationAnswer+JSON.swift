// SPDX-License-Identifier: Apache-2.0

import Charging
import Quantities

/// An answer as it lies beside its frame: that to a message about a transaction is put down by hand, the others by `Codable`.
extension StationAnswer: ColumnJSON {
    func write(to json: inout DirectJSON) throws {
        guard case .transaction(let answer) = self else { return try json.put(coded: self) }
        json.beginObject()
        json.name("transaction")
        json.beginObject()
        json.name("_0")
        try answer.write(to: &json)
        json.endObject()
        json.endObject()
    }

    init(at mark: Int, of tape: ColumnTape) throws { self = try tape.coded(StationAnswer.self, at: mark) }
}

extension TransactionAnswer {
    fileprivate func write(to json: inout DirectJSON) throws {
        json.beginObject()
        json.member("number", number)
        if let token {
            json.name("token")
            json.beginObject()
            json.member("status", token.status.rawValue)
            json.member("group", token.group)
            json.member("expiresAt", token.expiresAt)
            json.endObject()
        }
        if let cost { try json.member("cost", coded: cost) }
        json.endObject()
    }
}
