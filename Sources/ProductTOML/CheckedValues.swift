import Product

extension Section {
  /// Makes a checked value; a refused one becomes an error with this key's line.
  func checked<Value>(
    _ key: String, _ make: () throws(ProductError) -> Value
  ) throws(ProductTOMLError) -> Value {
    do throws(ProductError) {
      return try make()
    } catch {
      throw self.error(.invalidValue, key, "'\(error.value)' is not accepted: \(error.allowed)")
    }
  }
}

extension Section.Source {
  /// A problem of the compiled values, brought back to the key that the person wrote.
  func error(_ problem: ProductError) -> ProductTOMLError {
    error(
      .invalidValue, Section.Source.written(problem.key), "'\(problem.value)' is not accepted: \(problem.allowed)")
  }

  /// The compiled form says units in its keys and nests probes; people write neither.
  private static func written(_ compiled: String) -> String {
    let renamed = [
      "probe.http.url": "probe.http", "probe.http.expectStatus": "probe.expect",
      "probe.unixSocket.path": "probe.unixSocket", "probe.unixSocket.urlPath": "probe.path",
      "probe.unixSocket.expectStatus": "probe.expect", "probe.fileAge.path": "probe.file",
      "probe.fileAge.maximumSeconds": "probe.maxAge", "prerequisites.diskMinimumBytes": "prerequisites.disk",
      "updates.bandwidthBytesPerSecond": "updates.bandwidth", "migrateSeconds": "migrateTimeout",
    ]
    for (from, to) in renamed where compiled.hasSuffix(from) { return compiled.dropLast(from.count) + to }
    return compiled.hasSuffix("Seconds") ? String(compiled.dropLast("Seconds".count)) : compiled
  }
}
