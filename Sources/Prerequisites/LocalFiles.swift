/// Parsers of the two text databases that the checks read.
enum LocalFiles {
  /// Account names in passwd(5). Read directly: getpwnam(3) would also ask directories of the network, and the contract
  /// says *local*. Lines of NIS (`+`, `-`) are no accounts.
  static func accounts(passwd: [UInt8]) -> Set<String> {
    var names: Set<String> = []
    for line in passwd.split(separator: UInt8(ascii: "\n")) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
        let first = line.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-"), first != UInt8(ascii: "#")
      else { continue }
      names.insert(String(decoding: line[..<colon], as: UTF8.self))
    }
    return names
  }

  /// Those of `wanted` (`name` or `name:architecture`) that dpkg's status file has as installed.
  static func installed(_ wanted: Set<String>, dpkgStatus: [UInt8]) -> Set<String> {
    var found: Set<String> = []
    var name = ""
    var architecture = ""
    var isInstalled = false
    func close() {
      if isInstalled {
        for candidate in [name, "\(name):\(architecture)"] where wanted.contains(candidate) { found.insert(candidate) }
      }
      (name, architecture, isInstalled) = ("", "", false)
    }
    for line in dpkgStatus.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if line.isEmpty {
        close()
      } else if let value = value(of: "Package: ", in: line) {
        name = value
      } else if let value = value(of: "Architecture: ", in: line) {
        architecture = value
      } else if let value = value(of: "Status: ", in: line) {
        isInstalled = value.hasSuffix(" ok installed")
      }
    }
    close()
    return found
  }

  private static func value(of field: StaticString, in line: ArraySlice<UInt8>) -> String? {
    let length = field.utf8CodeUnitCount
    let matches = field.withUTF8Buffer { line.starts(with: $0) }
    return matches ? String(decoding: line.dropFirst(length), as: UTF8.self) : nil
  }
}
