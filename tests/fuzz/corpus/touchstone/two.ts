[Version] 2.0
# GHz S RI R 50
[Number of Ports] 2
[Two-Port Data Order] 12_21
[Number of Frequencies] 1
[Number of Noise Frequencies] 1
[Reference] 50
 75
[Matrix Format] Lower
[Begin Information]
text
[End Information]
[Network Data]
1 1 0
2 0 3 0
[Noise Data]
1 2 3 4 5
[End]
