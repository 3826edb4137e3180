// SPDX-License-Identifier: Apache-2.0
package import Quantities

extension Tx {
    /// The versions of a tariff, the newest first.
    package func versions(of tariff: TariffID) throws -> [TariffVersionRecord] {
        try all(TariffVersionRecord.self, where: "tariff = $1", [.text(tariff.text)], orderBy: "number DESC")
    }

    /// The number of the next version of a tariff, from 1. The tariff's row is locked by the caller.
    package func nextVersionNumber(of tariff: TariffID) throws -> Int64 {
        let row = try rows(
            "SELECT COALESCE(MAX(number), 0) AS last FROM tariff_version WHERE tariff = $1",
            [.text(tariff.text)])
        return try row[0].int("last") + 1
    }
}

extension Tx {
    /// The sites whose points have this tariff if they name no other.
    package func sites(using tariff: TariffID) throws -> [SiteRecord] {
        try all(SiteRecord.self, where: "default_tariff = $1", [.text(tariff.text)], orderBy: "name")
    }

    /// The stations that name this tariff.
    package func stations(using tariff: TariffID) throws -> [StationRecord] {
        try all(StationRecord.self, where: "tariff = $1", [.text(tariff.text)], orderBy: "ocpp_identity")
    }

    /// The EVSEs that name this tariff.
    package func evses(using tariff: TariffID) throws -> [EVSERecord] {
        try all(EVSERecord.self, where: "tariff = $1", [.text(tariff.text)], orderBy: "evse_code")
    }
}
