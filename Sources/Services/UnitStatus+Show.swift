extension UnitStatus {
  /// The properties asked of `systemctl show`.
  static let properties = [
    "LoadState", "ActiveState", "SubState", "Result", "MainPID", "InvocationID", "ExecMainStartTimestampMonotonic",
    "NRestarts", "ExecMainStatus",
  ]

  /// Reads the `KEY=value` lines of `systemctl show`. Units that are no services lack some of the properties.
  /// Throws `malformed` when there is no state in it, or a number is none.
  init(showing text: String) throws(ServicesError) {
    var values: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      guard let equals = line.firstIndex(of: "=") else { continue }
      values[String(line[..<equals])] = String(line[line.index(after: equals)...])
    }
    guard let active = values["ActiveState"], let load = values["LoadState"], !active.isEmpty else {
      throw ServicesError(.malformed, "systemctl show: no ActiveState in its answer")
    }
    func number<Number: FixedWidthInteger>(_ key: String) throws(ServicesError) -> Number {
      guard let value = values[key], !value.isEmpty else { return 0 }
      guard let number = Number(value) else {
        throw ServicesError(.malformed, "systemctl show: \(key)=\(value) is not a number")
      }
      return number
    }
    self.init(
      loadState: load, activeState: active, subState: values["SubState"] ?? "", result: values["Result"] ?? "",
      mainPID: try number("MainPID"), invocationID: values["InvocationID"] ?? "",
      startedAtMonotonicMicroseconds: try number("ExecMainStartTimestampMonotonic"),
      restarts: try number("NRestarts"), exitStatus: try number("ExecMainStatus"))
  }
}
