// Prerequisites
