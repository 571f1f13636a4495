#include "solvers/field_names.hpp"

#include "core/error.hpp"
#include "physics/vacuum.hpp"

namespace wavesmith {

std::vector<StoredField> fields_of(Equations equations, double impedance) {
  const double admittance = 1.0 / vacuum_impedance;
  std::vector<StoredField> fields;
  switch (equations) {
    case Equations::maxwell:
      for (int c = 0; c < 3; ++c)
        fields.push_back({std::string("E") + "xyz"[c], c, 1.0, electric_places(c), "V/m"});
      for (int c = 0; c < 3; ++c)
        fields.push_back(
            {std::string("H") + "xyz"[c], c + 3, admittance, magnetic_places(c), "A/m"});
      break;
    case Equations::tm:
      fields = {{"Ez", 0, 1.0, pressure_places(), "V/m"},
                {"Hx", 2, -admittance, velocity_places(1), "A/m"},
                {"Hy", 1, admittance, velocity_places(0), "A/m"}};
      break;
    case Equations::sound:
      fields = {{"p", 0, 1.0, pressure_places(), "Pa"}};
      for (int c = 0; c < 3; ++c)
        fields.push_back(
            {std::string("v") + "xyz"[c], c + 1, -1.0 / impedance, velocity_places(c), "m/s"});
      break;
  }
  return fields;
}

StoredField find_field(Equations equations, const std::string& name, double impedance) {
  std::string known;
  for (StoredField& field : fields_of(equations, impedance)) {
    if (field.name == name) return field;
    known += (known.empty() ? "" : ", ") + field.name;
  }
  throw InputError("there is no field " + name + "; the fields are " + known);
}

}  // namespace wavesmith
