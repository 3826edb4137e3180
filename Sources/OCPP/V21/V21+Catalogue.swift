// SPDX-License-Identifier: Apache-2.0

extension V21 {
    /// The messages that 2.1 adds to those of 2.0.1.
    static let catalogue: [Catalogue.Entry] =
        Catalogue.entries(.station, .read, "NotifySettlement")
        + Catalogue.entries(
            .station, .journal,
            "BatterySwap", "ClosePeriodicEventStream", "NotifyDERAlarm", "NotifyDERStartStop",
            "NotifyPeriodicEventStream", "NotifyPriorityCharging", "ReportDERControl")
        + Catalogue.entries(
            .station, .declined,
            "GetCertificateChainStatus", "OpenPeriodicEventStream", "PullDynamicScheduleUpdate",
            "VatNumberValidation")
        + Catalogue.entries(
            .us, .later,
            "AFRRSignal", "AdjustPeriodicEventStream", "ChangeTransactionTariff", "ClearDERControl",
            "ClearTariffs", "GetDERControl", "GetPeriodicEventStream", "GetTariffs",
            "NotifyAllowedEnergyTransfer", "NotifyWebPaymentStarted", "RequestBatterySwap", "SetDERControl",
            "SetDefaultTariff", "UpdateDynamicSchedule", "UsePriorityCharging")
}
