extension DHCPLease {
  /// The leases of a file of dhclient (dhclient.leases(5)): the last one of each interface, unless it has expired.
  ///
  /// - Parameter now: seconds since the epoch.
  static func dhclient(_ bytes: [UInt8], now: Int64) -> [DHCPLease] {
    var latest: [(interface: String, lease: DHCPLease?)] = []
    var words = LeaseWords(bytes.prefix(limit))
    while let word = words.next() {
      guard word == .bare("lease"), words.next() == .mark(UInt8(ascii: "{")) else { continue }
      let (interface, lease) = block(&words, now: now)
      latest.removeAll { $0.interface == interface }
      latest.append((interface, lease))
    }
    return latest.compactMap(\.lease)
  }

  /// What stands between two braces; no lease where it has expired.
  private static func block(_ words: inout LeaseWords, now: Int64) -> (String, DHCPLease?) {
    var interface = ""
    var lease: DHCPLease? = DHCPLease()
    while let statement = words.statement() {
      switch statement.first {
      case .bare("interface"): if case .quoted(let name)? = statement.dropFirst().first { interface = text(name) ?? "" }
      case .bare("expire"): if let end = expiry(statement), end <= now { lease = nil }
      case .bare("option"): if statement.count > 2 { lease?.take(statement[1], statement[2...]) }
      default: continue
      }
    }
    return (interface, lease)
  }

  /// Domains are quoted, one by one or all in one text; a script's address is too, unless dhclient has no name for the
  /// option: then it may be bytes in hexadecimal.
  private mutating func take(_ option: LeaseWords.Word, _ values: ArraySlice<LeaseWords.Word>) {
    switch option {
    case .bare("domain-name"), .bare("domain-search"):
      for case .quoted(let bytes) in values {
        domains += bytes.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      }
    case .bare("wpad"), .bare("wpad-url"), .bare("unknown-252"), .bare("option-252"), .bare("local-proxy-config"):
      switch values.first {
      case .quoted(let bytes): script = Self.text(bytes)
      case .bare(let digits): script = Self.hexadecimal(Array(digits.utf8)[...]).flatMap(Self.text)
      default: return
      }
    default: return
    }
  }

  /// `expire W YYYY/MM/DD HH:MM:SS` in UTC, or `expire epoch SECONDS`; nil for `never`, and what is neither.
  private static func expiry(_ words: [LeaseWords.Word]) -> Int64? {
    let texts = words.compactMap { if case .bare(let text) = $0 { text } else { nil } }
    guard texts.count >= 3 else { return nil }
    if texts[1] == "epoch" { return Int64(texts[2]) }
    guard texts.count >= 4 else { return nil }
    let date = texts[2].split(separator: "/").compactMap { Int64($0) }
    let time = texts[3].split(separator: ":").compactMap { Int64($0) }
    guard date.count == 3, time.count == 3, (1970...9999).contains(date[0]), (1...12).contains(date[1]),
      (1...31).contains(date[2]), (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2])
    else { return nil }
    // Days of the civil calendar, years beginning in March.
    let year = date[1] > 2 ? date[0] : date[0] - 1
    let dayOfYear = (153 * (date[1] + (date[1] > 2 ? -3 : 9)) + 2) / 5 + date[2] - 1
    let days = 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    return days * 86_400 + time[0] * 3_600 + time[1] * 60 + time[2]
  }
}
