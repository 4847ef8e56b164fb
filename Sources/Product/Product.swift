// Product
