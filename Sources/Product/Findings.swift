/// Collects what is wrong with a document, so that a publisher sees everything at once.
struct Findings {
  private(set) var errors: [ProductError] = []

  mutating func require(_ holds: Bool, _ key: String, _ value: String, _ allowed: String) {
    if !holds { errors.append(ProductError(.invalid, key: key, value: value, allowed: allowed)) }
  }

  mutating func require(_ number: Int64, in range: ClosedRange<Int64>, _ key: String, unit: String) {
    require(range.contains(number), key, "\(number)", "\(range.lowerBound) to \(range.upperBound) \(unit)")
  }

  mutating func seconds(_ number: Int64, in range: ClosedRange<Int64>, _ key: String) {
    require(number, in: range, key, unit: "seconds")
  }

  /// Every element obeys a rule and none comes twice.
  mutating func list(_ values: [String], _ key: String, _ allowed: String, _ rule: (String) -> Bool) {
    for (index, value) in values.enumerated() { require(rule(value), "\(key)[\(index)]", value, allowed) }
    unique(values, key)
  }

  mutating func unique(_ values: [String], _ key: String) {
    var seen: Set<String> = []
    for (index, value) in values.enumerated() {
      require(seen.insert(value).inserted, "\(key)[\(index)]", value, "each value once")
    }
  }

  /// A command line: a program inside the tree, then arguments that a unit file can hold.
  mutating func command(_ words: [String], _ key: String) {
    require(!words.isEmpty, key, "[]", "a program and its arguments")
    if let program = words.first { require(ValueRules.isRelativePath(program), "\(key)[0]", program, ValueRules.path) }
    for (index, word) in words.enumerated().dropFirst() {
      require(!Letters.hasControl(word), "\(key)[\(index)]", word, "no control characters")
    }
  }
}
