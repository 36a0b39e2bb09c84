#pragma once
/* tests/sim/crises_house: people, their shifts and escalations, for incidents to happen to. */
#include "alert/config.h"

struct rotas;

enum { HOUSES = 3, HOUSE_PEOPLE = 6, HOUSE_ROTAS = 2, HOUSE_POLICIES = 4 };

struct house {
	struct person_config people[HOUSE_PEOPLE];
	struct rota_config rota[HOUSE_ROTAS];
	struct escalation_config policies[HOUSE_POLICIES];
	struct rotas *rotas;
	struct house_parts *parts;
};

struct house *houses_open(void);
void houses_close(struct house *houses);
