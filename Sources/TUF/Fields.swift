/// Reads the fields of one JSON object; every error is `malformed` and names the field.
struct Fields {
  let json: JSONValue
  private let place: String

  init(_ json: JSONValue, _ place: String) throws(TUFError) {
    guard case .object = json else { throw TUFError(.malformed, "\(place) is not an object") }
    self.json = json
    self.place = place
  }

  private func error(_ name: String, _ expected: String) -> TUFError {
    TUFError(.malformed, "\(place): \"\(name)\" is not \(expected)")
  }

  func string(_ name: String) throws(TUFError) -> String {
    guard let value = json[name]?.string else { throw error(name, "a string") }
    return value
  }

  func integer(_ name: String, atLeast minimum: Int64) throws(TUFError) -> Int {
    guard let value = json[name]?.integer, value >= minimum, let number = Int(exactly: value) else {
      throw error(name, "an integer of at least \(minimum)")
    }
    return number
  }

  func optionalInteger(_ name: String, atLeast minimum: Int64) throws(TUFError) -> Int? {
    json[name] == nil ? nil : try integer(name, atLeast: minimum)
  }

  func bool(_ name: String) throws(TUFError) -> Bool {
    guard let value = json[name]?.bool else { throw error(name, "true or false") }
    return value
  }

  func array(_ name: String) throws(TUFError) -> [JSONValue] {
    guard let value = json[name]?.array else { throw error(name, "an array") }
    return value
  }

  func strings(_ name: String) throws(TUFError) -> [String] {
    let values = try array(name)
    let strings = values.compactMap(\.string)
    guard strings.count == values.count else { throw error(name, "an array of strings") }
    return strings
  }

  func object(_ name: String) throws(TUFError) -> [String: JSONValue] {
    guard let value = json[name]?.object else { throw error(name, "an object") }
    return value
  }

  func fields(_ name: String) throws(TUFError) -> Fields {
    guard let value = json[name] else { throw error(name, "an object") }
    return try Fields(value, "\(place).\(name)")
  }
}
